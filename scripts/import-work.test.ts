import { isBuiltin } from "node:module";
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

/** Some of them bring a dozen others; what needs one takes it with `process.getBuiltinModule` when it does. */
test.each(["contracts", "core"])("importing %s imports none of Node's modules", async (name) => {
  const build = await rolldown({
    input: path.join(root, "packages", name, "src/index.ts"),
    platform: "node",
    external: (id) => !path.isAbsolute(id) && !id.startsWith("."),
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  expect(output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.imports : [])).filter(isBuiltin)).toEqual(
    [],
  );
});
