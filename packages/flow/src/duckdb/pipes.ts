import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { configError } from "../config-error.ts";
import type { FoundFile } from "../files/find-files.ts";
import type { Parameters } from "./parameters.ts";

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
const quoted = /'((?:[^']|'')+)'|"((?:[^"]|"")+)"|\$(\w*)\$(.+?)\$\3\$/gs;

/** What SQL reads files with. */
export interface SqlFiles {
  readonly directory?: string | undefined;
  readonly parameters?: Parameters | undefined;
}

/** A pipe, and where in the SQL it is named, unless a parameter names it. */
interface NamedPipe {
  readonly name: string;
  readonly offset?: number;
  readonly parameter?: string;
}

/** The first pipe that SQL or its parameters name as it stands; DuckDB itself passes over those that a pattern finds. */
export async function pipeIn(
  sql: string,
  { directory = process.cwd(), parameters = {} }: SqlFiles,
): Promise<NamedPipe | undefined> {
  for (const { 1: text, 2: identifier, 4: dollars, index: offset } of sql.matchAll(quoted)) {
    const name = text?.replaceAll("''", "'") ?? identifier?.replaceAll('""', '"') ?? dollars ?? "";
    if (await isPipe(pathOf(name, directory))) return { name, offset };
  }
  for (const [parameter, name] of Object.entries(parameters)) {
    if (typeof name === "string" && (await isPipe(pathOf(name, directory)))) return { name, parameter };
  }
  return undefined;
}

/** The path of a name in SQL, which may be a URL of a file. */
function pathOf(name: string, directory: string): string {
  return resolve(directory, name.replace(/^file:(?:\/\/(?:localhost)?)?(?=\/)/, ""));
}

export async function isPipe(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFIFO() === true;
}

/** @throws AtomicError `CONFIG` where SQL or one of its parameters names a pipe */
export async function refusePipesIn(
  what: string,
  option: string,
  sql: string,
  files: SqlFiles,
): Promise<void> {
  const pipe = await pipeIn(sql, files);
  if (pipe === undefined) return;
  const [place, expected] =
    pipe.parameter === undefined
      ? [option, "SQL that reads files, and no pipes"]
      : [`parameters.${pipe.parameter}`, "the name of a file, and of no pipe"];
  throw configError(what, place, expected, pipe.name, pipeHint);
}
