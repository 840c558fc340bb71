import type { Stats } from "node:fs";
import { glob, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { configError } from "../config-error.ts";

/** A file to be read. */
export interface FoundFile {
  /** As it is told: the given name, or what a pattern found. */
  readonly name: string;
  readonly path: string;
  /** Undefined for what has no size, such as a pipe. */
  readonly size: number | undefined;
  readonly isPipe: boolean;
}

const magic = /[*?[{]|[!+@]\(/;

/** Whether a path stands for any number of files. */
export function isPattern(path: string): boolean {
  return magic.test(path);
}

/**
 * The files that a path stands for: the file of that name, or else, for a pattern such as `data/*.jsonl`, all that it
 * finds, in the order of their names. As in a shell, `*` finds no name that begins with a dot.
 *
 * @param option what the path is called, in errors
 * @throws AtomicError `CONFIG` when there is none, or what is there is no file
 */
export async function findFiles(
  what: string,
  path: string,
  directory: string | undefined,
  option = "path",
): Promise<readonly FoundFile[]> {
  const exact = await statsOf(inDirectory(path, directory));
  if (exact.stats?.isDirectory() === true) {
    throw configError(what, option, "the name of a file, not of a folder", path, "Its files are: folder/*");
  }
  if (exact.stats !== undefined) return [found(path, directory, exact.stats)];
  if (!isPattern(path)) {
    const expected = "the name of a file that exists and can be read";
    throw configError(what, option, expected, path, adviceOf(exact.thrown, directory));
  }
  const names: string[] = [];
  for await (const name of glob(path, directory === undefined ? {} : { cwd: directory })) names.push(name);
  const files: FoundFile[] = [];
  for (const name of names.sort()) {
    const { stats } = await statsOf(inDirectory(name, directory));
    // Folders are no files, and a link may lead nowhere.
    if (stats !== undefined && !stats.isDirectory()) files.push(found(name, directory, stats));
  }
  if (files.length > 0) return files;
  const where = directory ?? process.cwd();
  throw configError(what, option, "a pattern that finds files", path, `There is none in ${where}.`);
}

function inDirectory(path: string, directory: string | undefined): string {
  return directory === undefined || isAbsolute(path) ? path : join(directory, path);
}

function found(name: string, directory: string | undefined, stats: Stats): FoundFile {
  const size = stats.isFile() ? stats.size : undefined;
  return { name, path: inDirectory(name, directory), size, isPipe: stats.isFIFO() };
}

async function statsOf(path: string): Promise<{ readonly stats?: Stats; readonly thrown?: unknown }> {
  try {
    return { stats: await stat(path) };
  } catch (thrown) {
    return { thrown };
  }
}

function adviceOf(thrown: unknown, directory: string | undefined): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return `There is no such file. A relative path begins in ${directory ?? process.cwd()}.`;
  }
  if (code === "EACCES") return "Let this process's user look into the folders on the way to it.";
  return thrown instanceof Error ? thrown.message : String(thrown);
}
