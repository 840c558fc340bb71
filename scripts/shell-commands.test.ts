import { expect, it } from "vitest";
import { shellCommands } from "./shell-commands.ts";

it("reads commands, not what is said of them", () => {
  const markdown = [
    "# Use it",
    "```sh",
    "npm install          # once",
    "atomic run './a.ts#b' \"text\"",
    "",
    "```",
    "```ts",
    "const a = 1;",
    "```",
    "Then `npm test`:",
    "```sh",
    "npm test",
    "```",
  ].join("\n");
  expect(shellCommands(markdown)).toEqual(["npm install", "atomic run './a.ts#b' \"text\"", "npm test"]);
});
