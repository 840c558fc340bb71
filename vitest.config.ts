import { defineConfig } from "vitest/config";

/** Tests read the packages' sources, so that a failing line is a line of TypeScript. */
export default defineConfig({
  resolve: { conditions: ["@atomic-agents/source"] },
  ssr: { resolve: { conditions: ["@atomic-agents/source"], externalConditions: ["@atomic-agents/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    passWithNoTests: false,
    testTimeout: 20_000,
  },
});
