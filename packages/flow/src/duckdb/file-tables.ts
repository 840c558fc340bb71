import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { constants, gunzipSync } from "node:zlib";
import type { AtomicError } from "@atomic-agents/core";
import { configError } from "../config-error.ts";
import { findFiles } from "../files/find-files.ts";
import { unreadable } from "../unreadable.ts";
import { failureOf } from "./duckdb-error.ts";
import { quoteName, quoteText } from "./identifiers.ts";
import { refusePipes } from "./pipes.ts";

/** What makes a table, of a file or a pattern. */
interface TableView {
  readonly sql: string;
  readonly path: string;
}

/** Files that queries know by names. */
export interface FileTables {
  /** What makes them. */
  readonly views: readonly TableView[];
  readonly paths: readonly string[];
}

/** What is left to DuckDB to find out loses rows: those before a row that has another number of fields, or that begin with `#`. */
const csv = `read_csv([~], union_by_name = true, header = true, skip = %, comment = '', quote = '"', escape = '"', delim = ^)`;

const readers: Readonly<Record<string, string>> = {
  ".parquet": "read_parquet([~], union_by_name = true, hive_partitioning = false)",
  ".csv": csv,
  ".tsv": csv,
  ".json": "read_json([~], union_by_name = true)",
  ".jsonl": "read_ndjson([~], union_by_name = true)",
  ".ndjson": "read_ndjson([~], union_by_name = true)",
};

/** @throws AtomicError `CONFIG` for what is no object of paths with endings that say what is in them */
export function checkTables(what: string, tables: unknown): void {
  if (tables === undefined) return;
  const isRecord = typeof tables === "object" && tables !== null && !Array.isArray(tables);
  if (!isRecord) throw configError(what, "tables", "an object of paths", tables);
  for (const [name, path] of Object.entries(tables)) {
    if (typeof path !== "string" || readerOf(path) === undefined) {
      const known = Object.keys(readers).join(", ");
      throw configError(what, `tables.${name}`, `a path that ends in one of ${known}`, path);
    }
  }
}

/** Finds the files of tables. @throws AtomicError `CONFIG` where there are none */
export async function fileTables(
  what: string,
  tables: Readonly<Record<string, string>> = {},
  directory: string | undefined,
): Promise<FileTables> {
  const views: TableView[] = [];
  const paths: string[] = [];
  for (const [name, path] of Object.entries(tables)) {
    const files = await findFiles(what, path, directory, `tables.${name}`);
    refusePipes(what, `tables.${name}`, files);
    const found = files.map((file) => resolve(file.path));
    const patterns = found.map((each) => each.replace(/[[*?]/g, "[$&]"));
    // What is not allowed as it is written is not looked for.
    paths.push(...new Set([...found, ...patterns]));
    const list = patterns.map(quoteText).join(", ");
    const reader = readerOf(path) ?? "";
    const [first] = found;
    const { delimiter, skip } =
      reader === csv && first !== undefined ? await dialectOf(first) : { delimiter: ",", skip: 0 };
    const from = reader
      .replace("%", String(skip))
      .replace("^", () => quoteText(delimiter))
      .replace("~", () => list);
    views.push({ sql: `create temp view ${quoteName(name)} as from ${from}`, path });
  }
  return { views, paths };
}

/** What is told of a file that no table can be made of. */
export function unreadableTable(thrown: unknown, path: string): AtomicError {
  const { message } = failureOf(thrown);
  // DuckDB tells what it has tried.
  const isOdd = message.startsWith("Error when sniffing");
  const [said = message] = message.split("\n");
  return unreadable(
    { file: path },
    isOdd ? "rows that have not as many fields as the first, or quotes that do not match" : said.trim(),
    "Write the file anew: it is cut, corrupt, or something else than its name says.",
  );
}

const delimiters = [",", "\t", ";", "|"] as const;
/** So much is looked at. */
const beginBytes = 16_384;

/**
 * What the first row is divided by, so that a row with other fields is told and not read otherwise; and how many blank lines are
 * before it, which DuckDB would take for that row.
 */
async function dialectOf(path: string): Promise<{ readonly delimiter: string; readonly skip: number }> {
  const handle = await open(path, "r");
  let bytes: Uint8Array;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(beginBytes), 0, beginBytes, 0);
    bytes = buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
  // The beginning of what is packed is enough; what cannot be unpacked is told when it is read.
  if (path.toLowerCase().endsWith(".gz")) bytes = unpacked(bytes);
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/"[^"]*"/g, "");
  const lines = text.split(/\r?\n/);
  const skip = Math.max(
    0,
    lines.findIndex((line) => line !== ""),
  );
  const counts = delimiters.map((each) => (lines[skip] ?? "").split(each).length);
  return { delimiter: delimiters[counts.indexOf(Math.max(...counts))] ?? ",", skip };
}

function unpacked(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array();
  }
}

function readerOf(path: string): string | undefined {
  const ending = /\.[a-z]+(?=(?:\.gz)?$)/i.exec(path)?.[0].toLowerCase() ?? "";
  return Object.hasOwn(readers, ending) ? readers[ending] : undefined;
}
