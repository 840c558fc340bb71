import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** What installs packages, and runs what they bring. */
export interface PackageManager {
  /** Its command, which takes `install`, `run`, `start` and `test`. */
  readonly name: "npm" | "pnpm" | "yarn";
  /** Before the name of a program that a package brings. */
  readonly execute: string;
}

const npm: PackageManager = { name: "npm", execute: "npx" };
const pnpm: PackageManager = { name: "pnpm", execute: "pnpm exec" };
const yarn: PackageManager = { name: "yarn", execute: "yarn run" };

/** What stands in a folder whose packages are installed by it. */
const marks: readonly (readonly [name: string, manager: PackageManager])[] = [
  ["pnpm-lock.yaml", pnpm],
  ["pnpm-workspace.yaml", pnpm],
  ["yarn.lock", yarn],
  ["package-lock.json", npm],
];

/** What installs packages in a folder: by the lock file of the nearest folder above that has one, in the same repository. */
export function packageManagerOf(folder: string): PackageManager {
  for (let at = folder; ; at = dirname(at)) {
    const found = marks.find(([name]) => existsSync(join(at, name)));
    if (found !== undefined) return found[1];
    if (existsSync(join(at, ".git")) || dirname(at) === at) return npm;
  }
}
