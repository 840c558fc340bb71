import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeBundles, startClean } from "./start-clean.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "atomic-agents-build-"));
  const exclude = ["src/**/*.test.ts", "src/**/*.test-d.ts", "src/**/*-child.ts"];
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ exclude }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
}

const compiled = (name: string) =>
  [".js", ".js.map", ".d.ts", ".d.ts.map"].map((end) => `dist/${name}${end}`);
const declared = (name: string) => [`dist/${name}.d.ts`, `dist/${name}.d.ts.map`];

describe("a build", () => {
  it("goes on where the last one ended when each source has its files, and there are no others", () => {
    write(
      "src/index.ts",
      "src/deep/part.ts",
      "src/index.test.ts",
      "src/index.test-d.ts",
      "src/deep/part-child.ts",
      "src/globals.d.ts",
      "tsconfig.tsbuildinfo",
    );
    write(...compiled("index"), ...compiled("deep/part"));
    expect(startClean({ folder, isBundled: false })).toBe(false);
    expect(existsSync(join(folder, "dist/index.js"))).toBe(true);
    expect(existsSync(join(folder, "tsconfig.tsbuildinfo"))).toBe(true);
  });

  it.each([
    ["a source has gone", compiled("gone")],
    ["a test was compiled", compiled("index.test")],
    ["there is a file of another kind", ["dist/notes.md"]],
  ])("starts from nothing when %s", (_, others) => {
    write("src/index.ts", "tsconfig.tsbuildinfo", ...compiled("index"), ...others);
    expect(startClean({ folder, isBundled: false })).toBe(true);
    expect(globSync("**/*", { cwd: folder }).sort()).toEqual(["src", "src/index.ts", "tsconfig.json"]);
  });

  it.each(compiled("index"))("starts from nothing when %s was deleted", (name) => {
    write("src/index.ts", "tsconfig.tsbuildinfo", ...compiled("index"));
    rmSync(join(folder, name));
    expect(startClean({ folder, isBundled: false })).toBe(true);
    expect(existsSync(join(folder, "tsconfig.tsbuildinfo"))).toBe(false);
  });

  it("starts from nothing when there is only the compiler's record", () => {
    write("src/index.ts", "tsconfig.tsbuildinfo");
    expect(startClean({ folder, isBundled: false })).toBe(true);
    expect(existsSync(join(folder, "tsconfig.tsbuildinfo"))).toBe(false);
  });

  it("lets bundles be, which it makes anew each time", () => {
    write("src/index.ts", "src/part.ts", ...declared("index"), ...declared("part"));
    write("dist/index.js", "dist/index.js.map", "dist/shared/part-x.js", "dist/old.js");
    expect(startClean({ folder, isBundled: true })).toBe(false);
    removeBundles(folder);
    expect(globSync("**/*.*", { cwd: join(folder, "dist") }).sort()).toEqual(
      [...declared("index"), ...declared("part")].map((name) => name.slice("dist/".length)).sort(),
    );
    expect(existsSync(join(folder, "dist/shared"))).toBe(false);
  });
});
