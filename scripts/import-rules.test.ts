import { expect, test } from "vitest";
import { importProblems } from "./import-rules.ts";
import type { Manifest, WorkspacePackage } from "./workspace.ts";

const contracts = package_("contracts", {}, { "src/index.ts": "export const fit = 1;" });
const testing = package_(
  "testing",
  { dependencies: { "@atomic-agents/core": "0.1.0" } },
  { "src/index.ts": 'export { run } from "@atomic-agents/core";' },
);

function package_(
  folder: string,
  manifest: Partial<Manifest>,
  sources: Record<string, string>,
): WorkspacePackage {
  const exports = {
    ".": { "@atomic-agents/source": "./src/index.ts", default: "./dist/index.js" },
    "./extra": { "@atomic-agents/source": "./src/extra.ts", default: "./dist/extra.js" },
    "./internal/*": null,
  };
  return {
    folder,
    manifest: { name: `@atomic-agents/${folder}`, version: "0.1.0", exports, ...manifest },
    sources: new Map(Object.entries(sources)),
  };
}

/** Problems of a `core` with these sources, in a house with `contracts` and `testing`. */
function problemsOfCore(sources: Record<string, string>): readonly string[] {
  const peerDependencies = { zod: "4.0.0", ajv: "8.0.0", "@opentelemetry/api": "1.0.0" };
  const core = package_(
    "core",
    { dependencies: { "@atomic-agents/contracts": "0.1.0" }, peerDependencies },
    { "src/index.ts": "export const run = 1;", ...sources },
  );
  const root = { name: "root", devDependencies: { vitest: "1.0.0" } };
  return importProblems({ manifest: root, packages: [contracts, core, testing], others: new Map() });
}

test("imports from below, of own files, of Node.js and of declared packages pass", () => {
  const sources = {
    "src/index.ts": 'export { a } from "./a.ts";\nimport { fit } from "@atomic-agents/contracts";\nfit;',
    "src/a.ts":
      'import { join } from "node:path";\nexport const a = join;\n// import "zod";\nconst b = "import(\'zod\')"; b;',
    "src/a.test.ts":
      'import { test } from "vitest"; import { run } from "@atomic-agents/testing"; test; run;',
    "src/extra.ts": 'import { z } from "zod"; export const extra = z;',
  };
  expect(problemsOfCore(sources)).toEqual([]);
});

test.each([
  ["a package from above", 'import "@atomic-agents/testing";', "testing is for tests and for cli"],
  ["a schema library in the main entry", 'import "zod";', "core must start fast and run without zod"],
  [
    "a type of a schema library",
    'export type A = import("ajv").Ajv;',
    "core must start fast and run without ajv",
  ],
  ["a lazily imported one", 'await import("@opentelemetry/api");', "run without @opentelemetry/api"],
  [
    "an undeclared package",
    'import { a } from "left-pad"; a;',
    "declare left-pad in packages/core/package.json",
  ],
  ["an undeclared one by require", 'declare const require: any; require("left-pad");', "declare left-pad"],
  [
    "a closed path",
    'import "@atomic-agents/contracts/src/a.ts";',
    "is no public entry of @atomic-agents/contracts",
  ],
  ["a pattern's path", 'import "@atomic-agents/contracts/internal/a";', "is no public entry"],
  ["another package's sources", 'import "../../contracts/src/index.ts";', "leaves the package's src"],
  ["a file that is not there", 'import "./missing.ts";', "there is no src/missing.ts"],
  ["its own package by name", 'import "@atomic-agents/core";', "own files by relative path"],
  ["Node.js without its prefix", 'import "fs";', 'write "node:fs"'],
  ["a default export", "export default 1;", "exports a default"],
  ["a default by name", "const a = 1; export { a as default };", "exports a default"],
  ["a star", 'export * from "@atomic-agents/contracts";', 'exports "*"'],
  ["a named star", 'export * as fits from "@atomic-agents/contracts";', 'exports "*"'],
])("%s is refused", (_, code, message) => {
  const problems = problemsOfCore({ "src/index.ts": code });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("packages/core/src/index.ts:1: ");
  expect(problems[0]).toContain(message);
});

test("contracts may fetch the library of a schema that it was given, and only late", () => {
  const problemsOf = (code: string) =>
    importProblems({
      manifest: { name: "root" },
      packages: [package_("contracts", { peerDependencies: { zod: "4" } }, { "src/index.ts": code })],
      others: new Map(),
    });
  expect(problemsOf('export const later = () => import("zod/v4/core");')).toEqual([]);
  expect(problemsOf('import "zod/v4/core";')).toHaveLength(1);
});

test("a floor is not crossed upwards, and the message says why", () => {
  const problems = importProblems({
    manifest: { name: "root" },
    packages: [
      package_("contracts", {}, { "src/index.ts": 'export type { Run } from "@atomic-agents/core";' }),
      package_("core", {}, { "src/index.ts": "export interface Run {}" }),
    ],
    others: new Map(),
  });
  expect(problems).toEqual([
    'packages/contracts/src/index.ts:1: imports "@atomic-agents/core"; contracts (floor 1) must not import core ' +
      "(floor 2): schemas must be comparable without agents",
  ]);
});

test("files that load each other are told once; types and lazy imports make no circle", () => {
  const circle = (second: string) => ({
    "src/index.ts": 'export { a } from "./a.ts";',
    "src/a.ts": 'import { b } from "./b.ts"; export const a = () => b;',
    "src/b.ts": second,
  });
  expect(problemsOfCore(circle('import { a } from "./a.ts"; export const b = () => a;'))).toEqual([
    "packages/core: src/a.ts → src/b.ts → src/a.ts: import each other; move what both need to a third file",
  ]);
  expect(
    problemsOfCore(circle('import type { a } from "./a.ts"; export const b = 1 as unknown as typeof a;')),
  ).toEqual([]);
  expect(problemsOfCore(circle('export const b = () => import("./a.ts");'))).toEqual([]);
});

test("examples and tests take packages as users do", () => {
  const others = new Map([
    ["examples/01-a.ts", 'import { fit } from "@atomic-agents/contracts"; fit;'],
    ["examples/02-b.ts", 'import { fit } from "../packages/contracts/src/index.ts"; fit;'],
    ["tests/c.test.ts", 'import "@atomic-agents/contracts/internal/a"; import "left-pad";'],
  ]);
  expect(importProblems({ manifest: { name: "root" }, packages: [contracts], others })).toEqual([
    'examples/02-b.ts:1: imports "../packages/contracts/src/index.ts"; import the package by its public entry',
    'tests/c.test.ts:1: imports "@atomic-agents/contracts/internal/a"; is no public entry of @atomic-agents/contracts',
    'tests/c.test.ts:1: imports "left-pad"; declare left-pad in the root package.json',
  ]);
});

test("a package without a floor is refused", () => {
  const packages = [package_("attic", {}, {})];
  expect(importProblems({ manifest: { name: "root" }, packages, others: new Map() })).toEqual([
    "packages/attic: has no floor; give it one in scripts/import-rules.ts",
  ]);
});
