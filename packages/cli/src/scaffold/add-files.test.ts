import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { addFiles } from "./add-files.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atomic-add-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const all = () => readdirSync(folder, { recursive: true }).map(String).toSorted();

it("adds files and the folders that they need", () => {
  writeFileSync(join(folder, "old"), "old");
  addFiles(
    folder,
    new Map([
      ["a/b/c", "1"],
      ["a/d", "2"],
      ["e", ""],
    ]),
  );
  expect(all()).toEqual(["a", "a/b", "a/b/c", "a/d", "e", "old"]);
  expect(readFileSync(join(folder, "a", "d"), "utf8")).toBe("2");
});

it("adds none when one is there already", () => {
  writeFileSync(join(folder, "old"), "old");
  const files = new Map([
    ["a/b/c", "1"],
    ["old", "new"],
  ]);
  expect(() => addFiles(folder, files)).toThrow(/old is there already$/);
  expect(all()).toEqual(["old"]);
  expect(readFileSync(join(folder, "old"), "utf8")).toBe("old");
});

it("does not write through a link, neither to a file nor to a folder outside", () => {
  mkdirSync(join(folder, "outside"));
  mkdirSync(join(folder, "project"));
  symlinkSync("../outside/file", join(folder, "project", "file"));
  symlinkSync("../outside", join(folder, "project", "agents"));
  const project = join(folder, "project");
  expect(() => addFiles(project, new Map([["file", ""]]))).toThrow(/file is there already$/);
  expect(() => addFiles(project, new Map([["agents/a", ""]]))).toThrow(/would lie outside of/);
  expect(all()).toEqual(["outside", "project", "project/agents", "project/file"]);
});

it("leaves nothing when a file cannot be written", () => {
  const files = new Map([
    ["new/a", "1"],
    [`new/${"x".repeat(300)}`, "2"],
  ]);
  expect(() => addFiles(join(folder, "made"), files)).toThrow(UsageError);
  expect(() => addFiles(join(folder, "made"), files)).toThrow(/cannot be written: the name is too long$/);
  expect(all()).toEqual([]);
});

it("takes away what it has added, but not what others have put beside it", () => {
  mkdirSync(join(folder, "a"));
  const takeAway = addFiles(
    folder,
    new Map([
      ["a/b", ""],
      ["c/d", ""],
      ["e/f", ""],
    ]),
  );
  writeFileSync(join(folder, "e", "theirs"), "");
  takeAway();
  expect(all()).toEqual(["a", "e", "e/theirs"]);
});
