import { configError } from "../config-error.ts";
import { quoteText } from "./identifiers.ts";

const formats: Readonly<Record<string, string>> = {
  ".parquet": "format parquet, compression snappy",
  ".jsonl": "format json",
  ".ndjson": "format json",
  ".json": "format json, array true",
  ".csv": "format csv, header true",
  ".tsv": "format csv, header true, delimiter '\t'",
};

/** How DuckDB writes a file, by its name. @throws AtomicError `CONFIG` for an ending that says nothing */
export function copySettings(what: string, path: string): string {
  const lower = path.toLowerCase();
  const isGzip = lower.endsWith(".gz");
  const bare = isGzip ? lower.slice(0, -".gz".length) : lower;
  const ending = /\.[a-z\d]+$/.exec(bare)?.[0] ?? "";
  const settings = Object.hasOwn(formats, ending) ? formats[ending] : undefined;
  if (settings === undefined || (isGzip && ending === ".parquet")) {
    const known = Object.keys(formats).join(", ");
    throw configError(
      what,
      "to",
      `names that end in one of ${known}; .gz may follow, but not after .parquet`,
      path,
    );
  }
  return `${settings}${isGzip ? ", compression gzip" : ""}, use_tmp_file false`;
}

/** A path can be no parameter here; it is quoted. */
export function copySql(query: string, path: string, settings: string): string {
  return `copy (\n${query.replace(/[\s;]+$/, "")}\n) to ${quoteText(path)} (${settings})`;
}
