import path from "node:path";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { root } from "./steps.ts";

/** Who bundles a program pays for what the bundler cannot leave out: each package is one file there, and all that it does when loaded. */
test.each(["contracts", "core"])("a bundle with nothing of %s has nothing of it", async (name) => {
  const entry = path.join(root, "packages", name, "src/index.ts");
  const build = await rolldown({
    input: "nothing",
    platform: "node",
    external: (id) => id !== "nothing" && !path.isAbsolute(id) && !id.startsWith("."),
    plugins: [
      {
        name: "nothing",
        resolveId: (id) => (id === "nothing" ? id : undefined),
        load: (id) => (id === "nothing" ? `import ${JSON.stringify(entry)};` : undefined),
        // Of a file of its own the package says that it may be left out. In a bundle it is a part of one that is used.
        transform: () => ({ moduleSideEffects: true }),
      },
    ],
  });
  const { output } = await build.generate({ format: "esm", comments: false });
  await build.close();
  const [{ code }] = output;
  expect(code.replaceAll(/^(?:import .*|\/\/.*|export \{\};)$/gm, "").trim()).toBe("");
});
