import { expect, test } from "vitest";
import { codeFiles } from "./code-blocks.ts";

const fence = "```";

test("a marked block begins a file, and unmarked ones continue it", () => {
  const markdown = [
    `${fence}ts\n// file: one.ts\nconst a = 1;\n${fence}`,
    "words",
    `${fence}sh\nnpm ci\n${fence}`,
    `${fence}ts fragment\nnot run\n${fence}`,
    `${fence}ts\nconst b = 2;\n${fence}`,
    `${fence}ts\n// file: two.ts\nconst c = 3;\n${fence}`,
  ].join("\n");
  expect([...codeFiles("README.md", markdown)]).toEqual([
    ["one.ts", "// file: one.ts\nconst a = 1;\nconst b = 2;\n"],
    ["two.ts", "// file: two.ts\nconst c = 3;\n"],
  ]);
});

test.each([
  [`\n${fence}ts\nconst a = 1;\n${fence}`, "README.md:2: code that belongs to no file"],
  [
    `${fence}ts\n// file: a.ts\n${fence}\n${fence}ts\n// file: a.ts\n${fence}`,
    "README.md:4: begins a.ts a second time",
  ],
  [`${fence}ts\n// file: a.ts\n`, "README.md:1: the code block is never closed"],
])("what cannot be run is refused: %j", (markdown, message) => {
  expect(() => codeFiles("README.md", markdown)).toThrow(message);
});
