/** `npm run bench -- …`: the benchmark has a folder and a lock file of its own; installs it once and runs it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, runSteps, type Step } from "./steps.ts";

const install: Step = {
  title: "install",
  reason: "the contenders, from bench/package-lock.json",
  command: ["npm", "--prefix", "bench", "ci"],
};

const given = process.argv.slice(2);
const wrappers: Step = {
  title: "wrappers",
  reason: "what each costs a call while it has nothing to do",
  command: ["node", "bench/wrapper-cost.ts", ...given.filter((option) => option === "--quick")],
  timeoutMs: 20 * 60_000,
};

const flows: Step = {
  title: "flows",
  reason: "records in code and from a flow file, beside loops written by hand",
  command: ["node", "bench/flow.ts"],
  timeoutMs: 20 * 60_000,
};

const aggregations: Step = {
  title: "aggregations",
  reason: "figures of groups, beside a map by hand",
  command: ["node", "bench/aggregate.ts"],
  timeoutMs: 20 * 60_000,
};

const windows: Step = {
  title: "windows",
  reason: "windows of event time, beside a map of maps by hand",
  command: ["node", "bench/window.ts"],
  timeoutMs: 20 * 60_000,
};

const duckDb: Step = {
  title: "DuckDB",
  reason: "jobs and stages in DuckDB, beside DuckDB alone",
  command: ["node", "bench/duckdb.ts"],
  timeoutMs: 20 * 60_000,
};

const models: Step = {
  title: "models",
  reason: "agents that are language models, beside the AI SDK",
  command: ["node", "bench/llm.ts"],
  timeoutMs: 20 * 60_000,
};

runSteps([
  ...(existsSync(join(root, "bench", "node_modules")) ? [] : [install]),
  { title: "build", reason: "what users install is what is measured", command: ["node", "scripts/build.ts"] },
  {
    title: "benchmark",
    reason: "the public API beside hand-written code",
    command: ["node", "bench/run.ts", ...given],
    timeoutMs: 60 * 60_000,
  },
  // Who asks for some rows wants those.
  ...(given.includes("--rows") || given.includes("--help")
    ? []
    : [wrappers, flows, aggregations, windows, duckDb, models]),
]);
