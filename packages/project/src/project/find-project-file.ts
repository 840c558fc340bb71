import { AtomicError } from "@atomic-agents/core";
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { flowNameOf } from "./find-flow-files.ts";

/** Where a project is. */
export interface ProjectPlace {
  /** Absolute, links followed. */
  readonly directory: string;
  /** Name of the project's file in it; undefined where there is none. */
  readonly file: string | undefined;
}

const names = ["atomic.yaml", "atomic.yml", "atomic.json"] as const;

/**
 * Looks for a project's file in a directory and those above it, up to one that holds `.git`. Directories above in which
 * everybody may write are passed over: what lies there may be anybody's.
 *
 * @throws AtomicError `CONFIG` for a directory that is not there, and for two files in one directory
 */
export function findProjectFile(directory: string): ProjectPlace {
  const start = directoryAt(directory);
  for (let folder = start; ; folder = dirname(folder)) {
    const isOpen = folder !== start && isWritableByAll(folder);
    const found = isOpen ? [] : names.filter((name) => exists(join(folder, name)));
    const [file, other] = found;
    if (file !== undefined && other !== undefined) {
      throw new AtomicError("CONFIG", `There are both ${file} and ${other} in ${folder}`, {
        details: { path: "directory", expected: "one project file", got: found.join(", ") },
        hint: "Keep one of them, or choose one with --config.",
      });
    }
    if (file !== undefined) return { directory: folder, file };
    if (exists(join(folder, ".git")) || dirname(folder) === folder)
      return { directory: start, file: undefined };
  }
}

/**
 * The place of a project whose file was named.
 *
 * @throws AtomicError `CONFIG`
 */
export function namedProjectFile(config: string, directory: string): ProjectPlace {
  const path = resolve(directory, config);
  const stats = existsSync(path) ? statSync(path) : undefined;
  const fail = (problem: string, got: string, hint: string) =>
    new AtomicError("CONFIG", `The project file ${JSON.stringify(config)} ${problem}`, {
      details: { path: "config", expected: "a YAML or JSON file", got },
      hint,
    });
  if (stats === undefined)
    throw fail(`is not there: ${path}`, "nothing at that path", "Give the path of atomic.yaml.");
  if (stats.isDirectory()) throw fail("is a folder", "a folder", "Name the file in it, such as atomic.yaml.");
  const file = /[^/\\]+\.(?:yaml|yml|json)$/.exec(path)?.[0];
  if (file === undefined) {
    throw fail("is neither YAML nor JSON by its name", config, "Its name ends in .yaml, .yml or .json.");
  }
  const kind =
    file === "package.json" ? "the file of an npm package" : flowNameOf(path) && "the file of a flow";
  if (kind !== undefined) {
    throw fail(`is ${kind}`, kind, "Give the path of atomic.yaml; without --config it is looked for.");
  }
  return { directory: realpathSync(dirname(path)), file };
}

/** @throws AtomicError `CONFIG` */
function directoryAt(directory: string): string {
  const stats = directory.includes("\0") ? undefined : statSync(directory, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return realpathSync(directory);
  const problem = stats === undefined ? "is not there" : "is no folder";
  throw new AtomicError("CONFIG", `The project directory ${JSON.stringify(directory)} ${problem}`, {
    details: { path: "directory", expected: "a folder", got: directory },
    hint: "Give the path of the folder in which the project is.",
  });
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isWritableByAll(folder: string): boolean {
  // Windows has no such bits, and shows them as set.
  return process.platform !== "win32" && (statSync(folder).mode & 0o002) !== 0;
}
