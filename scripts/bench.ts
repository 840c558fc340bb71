/** `npm run bench -- …`: the benchmark has a folder and a lock file of its own; installs it once and runs it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, runSteps, type Step } from "./steps.ts";

const install: Step = {
  title: "install",
  reason: "the contenders, from bench/package-lock.json",
  command: ["npm", "--prefix", "bench", "ci"],
};

runSteps([
  ...(existsSync(join(root, "bench", "node_modules")) ? [] : [install]),
  { title: "build", reason: "what users install is what is measured", command: ["node", "scripts/build.ts"] },
  {
    title: "benchmark",
    reason: "the public API beside hand-written code",
    command: ["node", "bench/run.ts", ...process.argv.slice(2)],
    timeoutMs: 60 * 60_000,
  },
]);
