import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { installHint } from "./install-hint.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-hint-"));
  mkdirSync(join(folder, "agents"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hintWith = (manifest: string) => {
  writeFileSync(join(folder, "package.json"), manifest);
  return installHint("zod", join(folder, "agents", "clean.ts"));
};

it.each(["dependencies", "devDependencies"])("says to install what the project names in its %s", (group) => {
  expect(hintWith(JSON.stringify({ [group]: { zod: "4.0.0" } }))).toBe(
    `Run npm install in ${folder}: its package.json names zod, which is not installed.`,
  );
});

it.each([
  "{}",
  "null",
  "[]",
  '"text"',
  "no JSON",
  '{ "dependencies": null }',
  '{ "dependencies": { "ajv": "8" } }',
])("says to add what the project does not name: %s", (manifest) => {
  expect(hintWith(manifest)).toBe("Install it: npm install zod");
});

it("does not look above the project", () => {
  writeFileSync(join(folder, "agents", "package.json"), "{}");
  expect(hintWith('{ "dependencies": { "zod": "4.0.0" } }')).toBe("Install it: npm install zod");
});
