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
/** What each file of `bench` measures besides. */
const measures: readonly (readonly [title: string, reason: string, file: string, ...string[]])[] = [
  [
    "wrappers",
    "what each costs a call while it has nothing to do",
    "wrapper-cost.ts",
    ...given.filter((option) => option === "--quick"),
  ],
  ["flows", "records in code and from a flow file, beside loops written by hand", "flow.ts"],
  ["aggregations", "figures of groups, beside a map by hand", "aggregate.ts"],
  ["windows", "windows of event time, beside a map of maps by hand", "window.ts"],
  ["DuckDB", "jobs and stages in DuckDB, beside DuckDB alone", "duckdb.ts"],
  ["models", "agents that are language models, beside the AI SDK", "llm.ts"],
  ["services", "requests to an agent, beside Hono and node:http", "http.ts"],
];

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
    : measures.map(
        ([title, reason, file, ...options]): Step => ({
          title,
          reason,
          command: ["node", `bench/${file}`, ...options],
          timeoutMs: 20 * 60_000,
        }),
      )),
]);
