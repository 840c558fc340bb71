import { expect, test } from "vitest";
import { docExamples } from "./doc-example.ts";
import type { Workspace } from "./workspace.ts";

function workspaceWith(path: string, source: string): Workspace {
  const exports = { ".": { "@atomic-agents/source": "./src/index.ts", default: "./dist/index.js" } };
  const sources = new Map([
    ["src/index.ts", 'export { join, type Part } from "./join.ts";'],
    [path, source],
  ]);
  const manifest = { name: "@atomic-agents/text", version: "0.1.0", exports };
  return { manifest: { name: "root" }, packages: [{ folder: "text", manifest, sources }], others: new Map() };
}

const block = (...lines: string[]) => ["/**", ...lines.map((line) => ` * ${line}`), " */"].join("\n");

test("an example becomes a program: shown values are printed, left-out imports added", () => {
  const source = `export type Part = string;\n\n${block(
    "Joins.",
    "@example",
    "```ts",
    'const part: Part = "a";',
    'join(part, "b"); // => "ab"',
    "part; // => 'a'",
    "z.string();",
    "```",
  )}\nexport const join = (a: string, b: string) => a + b;`;
  expect(docExamples(workspaceWith("src/join.ts", source))).toEqual([
    {
      name: "text/join-5.ts",
      place: "packages/text/src/join.ts:5",
      program: [
        'import { type Part } from "@atomic-agents/text";',
        'import { join } from "@atomic-agents/text";',
        'import * as z from "zod";',
        'const part: Part = "a";',
        'console.log("%O", join(part, "b")); // => "ab"',
        "console.log(\"%O\", part); // => 'a'",
        "z.string();",
        "export {};",
        "",
      ].join("\n"),
    },
  ]);
});

test("an example that prints by itself is left as it is", () => {
  const source = block("@example", "```ts", "join(console.log(1)); // => 1", "```");
  expect(docExamples(workspaceWith("src/join.ts", source))[0]?.program).toContain(
    "\njoin(console.log(1)); // => 1\n",
  );
});

test("what is not public comes from its own file", () => {
  const source = `${block("@example", "```ts", "hidden(1); // => 1", "```")}\nexport const hidden = (a: number) => a;`;
  expect(docExamples(workspaceWith("src/hidden.ts", source))[0]?.program).toContain(
    'import { hidden } from "../../../packages/text/src/hidden.ts";',
  );
});

test("an example that prints nothing is not run, and one without a block of code is refused", () => {
  const quiet = block("@example", "```ts", "join();", "```");
  expect(docExamples(workspaceWith("src/join.ts", quiet))).toEqual([]);
  expect(() => docExamples(workspaceWith("src/join.ts", block("@example", "join(); // => 1")))).toThrow(
    "src/join.ts:2: an @example without a block",
  );
});
