import { resolve } from "node:path";
import { configError } from "../config-error.ts";
import { type FoundFile, findFiles } from "../files/find-files.ts";
import { quoteName, quoteText } from "./identifiers.ts";

/** Files that queries know by names. */
export interface FileTables {
  /** What makes them. */
  readonly views: readonly string[];
  readonly paths: readonly string[];
}

const readers: Readonly<Record<string, string>> = {
  ".parquet": "read_parquet([~], union_by_name = true, hive_partitioning = false)",
  ".csv": "read_csv([~], union_by_name = true)",
  ".tsv": "read_csv([~], union_by_name = true)",
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
  const views: string[] = [];
  const paths: string[] = [];
  for (const [name, path] of Object.entries(tables)) {
    const found = (await findFiles(what, path, directory)).map((file: FoundFile) => resolve(file.path));
    paths.push(...found);
    const list = found.map((each) => quoteText(each.replace(/[[*?]/g, "[$&]"))).join(", ");
    const from = readerOf(path)?.replace("~", () => list) ?? "";
    views.push(`create temp view ${quoteName(name)} as from ${from}`);
  }
  return { views, paths };
}

function readerOf(path: string): string | undefined {
  const ending = /\.[a-z]+(?=(?:\.gz)?$)/i.exec(path)?.[0].toLowerCase() ?? "";
  return Object.hasOwn(readers, ending) ? readers[ending] : undefined;
}
