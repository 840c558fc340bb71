import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageManagerOf } from "./package-manager.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "manager-"));
  mkdirSync(join(root, "repository/packages"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("the package manager of a new project", () => {
  it.each([
    ["pnpm-lock.yaml", "pnpm"],
    ["pnpm-workspace.yaml", "pnpm"],
    ["yarn.lock", "yarn"],
    ["package-lock.json", "npm"],
  ])("is told by %s in a folder above", (name, manager) => {
    writeFileSync(join(root, "repository", name), "");
    // The folder need not be there yet.
    expect(packageManagerOf(join(root, "repository/packages/new")).name).toBe(manager);
  });

  it("is npm where nothing tells, and where only another repository does", () => {
    mkdirSync(join(root, "repository/.git"));
    writeFileSync(join(root, "yarn.lock"), "");
    expect(packageManagerOf(join(root, "repository/packages/new")).name).toBe("npm");
  });

  it("is that of the nearest folder", () => {
    writeFileSync(join(root, "repository/yarn.lock"), "");
    writeFileSync(join(root, "repository/packages/pnpm-lock.yaml"), "");
    expect(packageManagerOf(join(root, "repository/packages/new"))).toEqual({
      name: "pnpm",
      execute: "pnpm exec",
    });
  });
});
