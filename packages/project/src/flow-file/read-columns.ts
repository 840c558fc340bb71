import { createLog } from "@atomic-agents/core";
import { flow, fromFile, type FromFileOptions, toArray } from "@atomic-agents/flow";
import { stat } from "node:fs/promises";
import { formatOfName } from "./format-of-name.ts";
import { limitedSource } from "./limited-source.ts";

/** The columns that files of CSV have now. */
export interface ColumnsThere {
  /** Those that one of the files has. */
  readonly all: readonly string[];
  /** Those that each of them has. */
  readonly inEach: readonly string[];
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
  let there: ColumnsThere | undefined;
  for (const file of files) {
    const columns = await columnsOf(file, options);
    if (columns === undefined) return undefined;
    there = {
      all: [...new Set([...(there?.all ?? []), ...columns])],
      inEach: (there?.inEach ?? columns).filter((column) => columns.includes(column)),
    };
    if (there.all.length > maxColumns) return undefined;
  }
  return there;
}

async function columnsOf(file: string, options: FromFileOptions): Promise<readonly string[] | undefined> {
  if ((options.format ?? formatOfName(file)) !== "csv") return undefined;
  const stats = await stat(file).catch(() => undefined);
  // What is read of a pipe is gone.
  if (stats?.isFile() !== true) return undefined;
  const rows: unknown[] = [];
  try {
    const source = limitedSource(fromFile(file, { ...options, types: undefined }), rowsLookedAt);
    await flow(source, { onError: "drop" }).to(toArray(rows), {
      run: { log: createLog({ level: "silent" }) },
    });
  } catch {
    // Told when the source is made.
    return undefined;
  }
  const [first] = rows;
  if (typeof first !== "object" || first === null) return undefined;
  const columns = Object.keys(first);
  return columns.length > maxColumns ? undefined : columns;
}
