import { randomBytes } from "node:crypto";
import { accessSync, closeSync, constants, openSync, realpathSync, rmSync, statSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { CommandFailure } from "../command-failure.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Says early that a result could not be written to a file: before the agent has done its work for nothing. Tries it with
 * an empty file beside it, as permissions alone do not tell.
 *
 * @throws UsageError with the path as it was given
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined || path === "-") return;
  if (path === "" || path.includes("\0")) {
    throw new UsageError("The output needs the path of a file", {
      where: "--output",
      expected: "the path of a file, or - for standard output",
      got: JSON.stringify(path),
    });
  }
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing?.isDirectory() === true || endsAsFolder(path)) throw isFolder(path);
    if (existing === undefined) checkFolder(path);
    else accessSync(path, constants.W_OK);
    if (existing?.isFile() !== false) tryFolder(existing === undefined ? path : realpathSync(path));
  } catch (error) {
    throw error instanceof UsageError ? error : notWritable(path, error);
  }
}

function endsAsFolder(path: string): boolean {
  return path.endsWith("/") || path.endsWith(sep);
}

function isFolder(path: string): UsageError {
  return new UsageError(`${path} is a folder`, {
    where: "--output",
    expected: "the path of a file, or - for standard output",
    got: path,
    hint: `--output ${join(path, "result.json")}`,
  });
}

function checkFolder(path: string): void {
  const folder = dirname(path);
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  const { above, isFile } = closestAbove(folder);
  throw new UsageError(isFile ? `${above} is no folder but a file` : `There is no folder ${folder}`, {
    where: "--output",
    expected: "a path whose folder exists, or - for standard output",
    got: path,
    hint: isFile ? "Name a file in a folder." : `mkdir -p ${folder}`,
  });
}

/** The first of a path's folders, from its end, that there is. */
function closestAbove(folder: string): { readonly above: string; readonly isFile: boolean } {
  for (let above = folder; ; above = dirname(above)) {
    const found = statSync(above, { throwIfNoEntry: false });
    if (found !== undefined) return { above, isFile: !found.isDirectory() };
    if (dirname(above) === above) return { above, isFile: false };
  }
}

function tryFolder(path: string): void {
  const temporary = temporaryBeside(path);
  closeSync(openSync(temporary, "wx"));
  rmSync(temporary);
}

/** Writes a text with a line break at its end: to a file, or to standard output when the path is absent or `-`. */
export async function writeOutput(text: string, path: string | undefined): Promise<void> {
  const lines = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  if (path === undefined || path === "-") return writeStandardOutput(lines);
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    // A device or a pipe must not be replaced by a file.
    if (existing !== undefined && !existing.isFile()) await writeFile(path, lines);
    else await replaceFile(existing === undefined ? path : realpathSync(path), lines, existing?.mode);
  } catch (error) {
    throw new CommandFailure(notWritable(path, error), exitCodes.failed);
  }
}

/** Writes a text to standard output, and resolves when it and what was written before have gone out. */
export function writeStandardOutput(text: string): Promise<void> {
  return new Promise((resolve) => {
    // A reader that has gone is no failure; the stream's error says so, and the program ends by it.
    process.stdout.write(text, () => resolve());
  });
}

/** Whoever looks sees the file as it was or as it is meant to be, never half of it. */
async function replaceFile(path: string, text: string, mode: number | undefined): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Not made of the file's name, which may be as long as names can be. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.atomic-${randomBytes(6).toString("hex")}.tmp`);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
  EDQUOT: "no space is left",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of it is no folder",
  ENOENT: "no file can be made there",
};

/** Why a file could not be written. The system's own words would name the file beside it, of which the user knows nothing. */
export function whyNotWritten(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? (code === "" ? String(error) : code);
}

function notWritable(path: string, error: unknown): UsageError {
  return new UsageError(`${path} cannot be written: ${whyNotWritten(error)}`, {
    where: "--output",
    expected: "the path of a file that can be written, or - for standard output",
    got: path,
    hint: "Write to another folder, or leave --output out and redirect standard output.",
    cause: error,
  });
}
