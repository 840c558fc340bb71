import { readdirSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "vitest/config";

/** Tests read the packages' sources, so that a failing line is a line of TypeScript. */
const source = "@atomic-agents/source";

const resolving = {
  resolve: {
    // Ours before Vite's own, which a list here replaces.
    conditions: [source, "module", "node", "development|production"],
    externalConditions: [source, "node", "module-sync"],
  },
};

const running = {
  setupFiles: ["scripts/fast-check-setup.ts"],
  // Only against what hangs: on a busy machine a test that starts processes takes its time.
  testTimeout: 60_000,
  // Processes that tests start read the sources as well; compiled once, they take less than half of the time to start.
  env: { NODE_COMPILE_CACHE: path.join(import.meta.dirname, "out", "compile-cache") },
};

/** Packages whose tests leave nothing behind: their modules are loaded once a worker, which takes a third of the time. */
const sharing = ["contracts", "core", "text", "testing", "project", "llm"];
/** But for these: a secret is guarded in all of a process, and they look at what is shown of some; or they replace a module. */
const alone = [
  "packages/llm/src/sessions/paused-save.test.ts",
  "packages/core/src/{redact,secret,log,log-canaries}.test.ts",
  "packages/project/src/**/*secret*.test.ts",
];

const testsOf = (name: string): string => `packages/${name}/src/**/*.test.ts`;
const apart = readdirSync("packages").filter((name) => !sharing.includes(name));

export default defineConfig({
  test: {
    // All cores: much of the time is waiting for processes that tests start.
    maxWorkers: "100%",
    projects: [
      {
        ssr: resolving,
        test: {
          ...running,
          name: "sharing",
          include: sharing.map(testsOf),
          exclude: alone,
          isolate: false,
        },
      },
      {
        ssr: resolving,
        test: {
          ...running,
          name: "apart",
          // They start processes by the thousand, on machines that others use: one that the system lost is started once more.
          retry: process.env["CI"] === undefined ? 0 : 1,
          include: [...apart.map(testsOf), ...alone, "tests/**/*.test.ts", "scripts/**/*.test.ts"],
        },
      },
    ],
  },
});
