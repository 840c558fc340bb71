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
};

/** Packages whose tests leave nothing behind: their modules are loaded once a worker, which takes a third of the time. */
const sharing = ["contracts", "core", "text", "testing", "project"];
const sharingFiles = sharing.map((name) => `packages/${name}/src/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { ssr: resolving, test: { ...running, name: "sharing", include: sharingFiles, isolate: false } },
      {
        ssr: resolving,
        test: {
          ...running,
          name: "apart",
          include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: sharingFiles,
        },
      },
    ],
  },
});
