import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { configError } from "../config-error.ts";
import type { FoundFile } from "../files/find-files.ts";

/** What to do with a pipe: DuckDB opens what it reads more than once, and would wait for the second writer without an end. */
export const pipeHint =
  "Read it by a flow, flow(fromFile(path)), or write what comes by it to a file before.";

/** @throws AtomicError `CONFIG` where one of the files is no plain file */
export function refusePipes(
  what: string,
  option: string,
  files: readonly FoundFile[],
  hint = pipeHint,
): void {
  const pipe = files.find(({ size }) => size === undefined);
  if (pipe !== undefined) throw configError(what, option, "files, and no pipes", pipe.name, hint);
}

/** A text or a quoted name in SQL; a doubled quote stands for one. */
const quoted = /'((?:[^']|'')+)'|"((?:[^"]|"")+)"/g;

/** The first pipe that SQL names as it stands, and where; not one that a pattern finds. */
export async function pipeIn(
  sql: string,
  directory: string = process.cwd(),
): Promise<{ readonly name: string; readonly offset: number } | undefined> {
  for (const { 1: text, 2: identifier, index: offset } of sql.matchAll(quoted)) {
    const name = text?.replaceAll("''", "'") ?? identifier?.replaceAll('""', '"') ?? "";
    if (await isPipe(resolve(directory, name))) return { name, offset };
  }
  return undefined;
}

export async function isPipe(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFIFO() === true;
}

/** @throws AtomicError `CONFIG` where SQL names a pipe */
export async function refusePipesIn(
  what: string,
  option: string,
  sql: string,
  directory: string | undefined,
): Promise<void> {
  const pipe = await pipeIn(sql, directory);
  if (pipe !== undefined)
    throw configError(what, option, "SQL that reads files, and no pipes", pipe.name, pipeHint);
}
