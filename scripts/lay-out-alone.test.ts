import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DeclaredPackage, layOutAlone } from "./lay-out-alone.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "atomic-agents-alone-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function install(folder: string, name: string, code: string): void {
  const place = join(root, folder, name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name, type: "module", exports: "./index.js" }));
  writeFileSync(join(place, "index.js"), code);
}

function importAlone(packages: readonly DeclaredPackage[], name: string): string {
  const folder = layOutAlone(packages, join(root, "user/node_modules"), join(root, "alone")).get(name);
  const program = `console.log((await import(${JSON.stringify(name)})).value)`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout.trim() || (/Cannot find package '[^']+'/.exec(stderr)?.[0] ?? stderr);
}

const base = { name: "@here/base" };
const middle = { name: "@here/middle", dependencies: { "@here/base": "1", foreign: "1" } };

beforeEach(() => {
  install(
    "user/node_modules",
    "foreign",
    'import { value as inner } from "inner"; export const value = inner;',
  );
  install("user/node_modules", "inner", 'export const value = "inner";');
  install("user/node_modules", "@here/base", 'export const value = "base";');
  install(
    "user/node_modules",
    "@here/middle",
    'import { value as a } from "@here/base"; import { value as b } from "foreign"; export const value = a + " " + b;',
  );
});

it("finds what is declared, and what that needs in its turn", () => {
  expect(importAlone([base, middle], "@here/middle")).toBe("base inner");
});

it("does not find what is not declared, though it is installed", () => {
  const undeclared = { name: "@here/middle", dependencies: { foreign: "1" } };
  expect(importAlone([base, undeclared], "@here/middle")).toBe("Cannot find package '@here/base'");
});

it("does not find what only a dependency declares", () => {
  install("user/node_modules", "top", 'import "@here/middle"; export { value } from "@here/base";');
  const top = { name: "top", dependencies: { "@here/middle": "1" } };
  expect(importAlone([base, middle, top], "top")).toBe("Cannot find package '@here/base'");
  rmSync(join(root, "alone"), { recursive: true });
  expect(
    importAlone([base, middle, { ...top, dependencies: { ...top.dependencies, "@here/base": "1" } }], "top"),
  ).toBe("base");
});

it("takes a version that npm put below the package", () => {
  install("user/node_modules/@here/middle/node_modules", "foreign", 'export const value = "older";');
  expect(importAlone([base, middle], "@here/middle")).toBe("base older");
});

it("finds a peer where it is installed", () => {
  install(
    "user/node_modules",
    "adapter",
    'import { value as inner } from "inner"; export const value = inner;',
  );
  const adapter = { name: "adapter", peerDependencies: { inner: "1", absent: "1" } };
  expect(importAlone([adapter], "adapter")).toBe("inner");
});
