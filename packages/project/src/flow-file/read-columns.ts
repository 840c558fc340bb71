import { createLog } from "@atomic-agents/core";
import { flow, fromFile, type FromFileOptions, type Source, toArray } from "@atomic-agents/flow";
import { stat } from "node:fs/promises";
import { numberFrom } from "../expressions/numbers.ts";
import { formatOfName } from "./format-of-name.ts";
import { limitedSource } from "./limited-source.ts";

/** The columns that files of CSV have now. */
export interface ColumnsThere {
  /** Those that one of the files has. */
  readonly all: readonly string[];
  /** Those that each of them has. */
  readonly inEach: readonly string[];
  /** Those without a type whose first fields, as far as they are not blank, are all written as numbers. */
  readonly asNumbers: readonly string[];
}

/** Of more files than these the first rows are not read beforehand. */
export const maxFilesLookedInto = 20;
/** Of wider rows nothing is said: a schema of so many keys takes its time. */
const maxColumns = 1_000;
/** A row that cannot be read counts as well. */
const rowsLookedAt = 20;

/**
 * What the first rows of files say that their columns are called. A row that is read has all of them: one with fewer
 * fields is refused.
 *
 * Undefined where it is not known of one of them: it is not there yet, is no ordinary file, is not CSV, has no row, or has more
 * than a thousand columns.
 */
export async function readColumns(
  files: readonly string[],
  options: FromFileOptions,
): Promise<ColumnsThere | undefined> {
  if (files.length === 0 || files.length > maxFilesLookedInto) return undefined;
  const typed = Object.keys(options.types ?? {});
  const numbers = new Set<string>();
  const texts = new Set<string>(typed);
  let all: readonly string[] = [];
  let inEach: readonly string[] | undefined;
  for (const file of files) {
    const rows = await firstRows(file, options);
    const columns = Object.keys(rows?.[0] ?? {});
    if (rows === undefined || columns.length > maxColumns) return undefined;
    all = [...new Set([...all, ...columns])];
    inEach = (inEach ?? columns).filter((column) => columns.includes(column));
    if (all.length > maxColumns) return undefined;
    for (const row of rows) {
      for (const [column, field] of Object.entries(row)) {
        if (field.trim() !== "") (isNumber(field) ? numbers : texts).add(column);
      }
    }
  }
  return {
    all,
    inEach: inEach ?? [],
    asNumbers: all.filter((name) => numbers.has(name) && !texts.has(name)),
  };
}

/** Codes with zeros before them are no numbers to anybody. */
function isNumber(field: string): boolean {
  return numberFrom(field) !== undefined && !/^\s*0\d/.test(field);
}

type Row = Readonly<Record<string, string>>;

/** At least one; undefined where they cannot be read. */
async function firstRows(file: string, options: FromFileOptions): Promise<readonly Row[] | undefined> {
  if ((options.format ?? formatOfName(file)) !== "csv") return undefined;
  const stats = await stat(file).catch(() => undefined);
  // What is read of a pipe is gone.
  if (stats?.isFile() !== true) return undefined;
  const rows: Row[] = [];
  try {
    const source = limitedSource(fromFile(file, { ...options, types: undefined }), rowsLookedAt);
    // Without types all fields are texts.
    await flow(source as Source<Row>, { onError: "drop" }).to(toArray(rows), {
      run: { log: createLog({ level: "silent" }) },
    });
  } catch {
    // Told when the source is made.
    return undefined;
  }
  return rows.length === 0 ? undefined : rows;
}
