import { defineConfig } from "vitest/config";

/** Tests read the packages' sources, so that a failing line is a line of TypeScript. */
const source = "@atomic-agents/source";

export default defineConfig({
  ssr: {
    resolve: {
      // Ours before Vite's own, which a list here replaces.
      conditions: [source, "module", "node", "development|production"],
      externalConditions: [source, "node", "module-sync"],
    },
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts", "scripts/**/*.test.ts"],
    setupFiles: ["scripts/fast-check-setup.ts"],
    // Only against what hangs: on a busy machine a test that starts processes takes its time.
    testTimeout: 60_000,
  },
});
