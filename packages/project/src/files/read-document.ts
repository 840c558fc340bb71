import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { closest } from "../closest.ts";
import { parseText, problemOf, type Reading } from "./parse-text.ts";
import type { Position } from "./position.ts";
import { TextFault } from "./text-fault.ts";
import { textLimits, tooLong } from "./text-limits.ts";

/** Where a project file is read from. */
export interface ReadDocumentOptions {
  /** What the file is named relative to: the project's directory. */
  readonly directory: string;
}

/**
 * Reads a project file: YAML, or JSON when its name ends with `.json`. What is wrong with it is among the problems;
 * nothing is thrown for it.
 *
 * @param path absolute, or relative to the directory
 */
export async function readDocument(path: string, options: ReadDocumentOptions): Promise<Reading> {
  const absolute = resolve(options.directory, path);
  const file = relative(options.directory, absolute).split(sep).join("/");
  try {
    const bytes = await readBytes(absolute);
    if (!isUtf8(bytes)) return refused(notUtf8(bytes), file, brokenPlace(bytes));
    const text = new TextDecoder().decode(bytes);
    return parseText(text, { file, path: absolute });
  } catch (fault) {
    if (fault instanceof TextFault) return refused(fault, file, { line: 1, column: 1 });
    throw fault;
  }
}

function refused(fault: TextFault, file: string, position: Position): Reading {
  return { document: undefined, problems: [problemOf(fault, file, position)] };
}

/** @throws TextFault for a file that is not there, is none, or is too long; of that one nothing is read */
async function readBytes(path: string): Promise<Buffer> {
  try {
    // Opened without waiting, should it be a pipe that nobody writes to.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (stats.isDirectory()) throw new TextFault("unreadable", "It is a folder, not a file", 0);
      if (!stats.isFile()) throw new TextFault("unreadable", "It is no ordinary file", 0);
      if (stats.size > textLimits.bytes) throw tooLong(stats.size);
      const bytes = await handle.readFile();
      if (bytes.length > textLimits.bytes) throw tooLong(bytes.length);
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof TextFault) throw error;
    throw new TextFault("unreadable", reasonOf(error), 0, isMissing(error) ? await nearTo(path) : undefined);
  }
}

/** A file beside the one that cannot be read whose name is like it. */
async function nearTo(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path)).catch(() => undefined);
  if (names === undefined) return `There is no folder ${dirname(path)} either.`;
  const near = closest(
    basename(path),
    names.filter((name) => name !== basename(path)),
  );
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (isMissing(error)) return "There is no such file";
  if (code === "EACCES" || code === "EPERM") return "The file may not be read by this user";
  return `The file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

function notUtf8(bytes: Buffer): TextFault {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return new TextFault(
    "unreadable",
    isUtf16 ? "The file is UTF-16, not UTF-8" : "Bytes that are not UTF-8",
    0,
    "Save the file as UTF-8.",
  );
}

/** The first place that is not UTF-8: no line's end is ever part of a longer character. */
function brokenPlace(bytes: Buffer): Position {
  let start = 0;
  for (let line = 1; start <= bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    const part = bytes.subarray(start, end);
    if (!isUtf8(part)) {
      const column = new TextDecoder().decode(part).indexOf("\u{fffd}") + 1;
      return { line, column: Math.max(column, 1) };
    }
    start = end + 1;
  }
  return { line: 1, column: 1 };
}
