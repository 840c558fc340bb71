/**
 * `npm run test:full`: all tests, with what they need.
 *
 * A test that needs a service gets it from a step here: started before the tests, on a port of its own, and stopped
 * after them. Nothing so far needs one. A test that drives a program gets it from a step here, too.
 */
import { runSteps } from "./steps.ts";

const full = process.env["FULL"] === "1";

console.log(`All tests: build, tests, type tests, and every example with what it prints.
No service is needed, and nothing leaves this machine. Where Chromium, promtool or curl is missing, it is installed (Debian, root).
Properties: ${full ? "many runs, a new seed (printed on failure)" : "few runs, a fixed seed; `npm run full` takes many"}.`);

runSteps([
  { title: "build", reason: "examples run what users install", command: ["node", "scripts/build.ts"] },
  {
    title: "tools",
    reason: "Chromium opens the page of a service, promtool reads its metrics, curl calls it",
    command: ["node", "scripts/install-test-tools.ts"],
  },
  {
    title: "tests",
    reason: "everything beside the sources and in tests/",
    command: ["vitest", "run"],
    timeoutMs: 25 * 60_000,
  },
  {
    title: "conformance",
    reason: "agents at a service behave as agents do, and come to the same",
    command: ["node", "--conditions=@atomic-agents/source", "scripts/conformance.ts", "--short"],
    timeoutMs: 5 * 60_000,
  },
  {
    title: "type tests",
    reason: "what must compile does, what must not does not",
    command: ["tsc", "-p", "tsconfig.test.json"],
  },
  {
    title: "type cost",
    reason: "a long pipeline stays cheap to compile",
    command: ["node", "bench/type-cost.ts"],
  },
  {
    title: "examples",
    reason: "each prints what its comments say",
    command: ["node", "scripts/run-examples.ts"],
  },
  {
    title: "doc examples",
    reason: "each example of a doc block prints what it says",
    command: ["node", "--conditions=@atomic-agents/source", "scripts/doc-examples.ts"],
  },
]);
