import { configError } from "../config-error.ts";

/**
 * How records stand in a file: `jsonl` is a JSON value a line, `json` an array of them or a single one, `csv` a row a
 * record under a row of names, `text` a line a record.
 */
export type FileFormat = "jsonl" | "json" | "csv" | "text";

/** Whether a file is packed: `auto` goes by its name, where `.gz` stands for gzip. */
export type Compression = "auto" | "gzip" | "none";

/** What is known of a file's inside by its name and by what was asked for. */
export interface FileKind {
  readonly format: FileFormat;
  readonly isGzip: boolean;
  /** What stands between the fields of a row, unless it is said. */
  readonly delimiter: string;
}

const formats: readonly FileFormat[] = ["jsonl", "json", "csv", "text"];
const compressions: readonly Compression[] = ["auto", "gzip", "none"];
const endings: Readonly<Record<string, FileFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".tsv": "csv",
  ".txt": "text",
  ".log": "text",
};

/** What of a file's inside may be said. */
export interface AskedKind {
  readonly format?: FileFormat | undefined;
  readonly compression?: Compression | undefined;
}

/** @throws AtomicError `CONFIG` for a format that does not exist */
export function checkKind(what: string, { format, compression }: AskedKind): void {
  if (format !== undefined && !formats.includes(format)) {
    throw configError(what, "format", `one of ${formats.join(", ")}`, format);
  }
  if (compression !== undefined && !compressions.includes(compression)) {
    throw configError(what, "compression", `one of ${compressions.join(", ")}`, compression);
  }
}

/**
 * What was asked for, and what the name says of the rest.
 *
 * @param path names the option that holds the name, for messages
 * @throws AtomicError `CONFIG` when neither tells the format
 */
export function kindOf(what: string, path: string, name: string, asked: AskedKind): FileKind {
  const { ending, isGzip } = endingOf(name);
  const format = asked.format ?? (Object.hasOwn(endings, ending) ? endings[ending] : undefined);
  if (format === undefined) {
    const known = Object.keys(endings).join(", ");
    throw configError(
      what,
      path,
      `a name that ends in one of ${known}, with or without .gz`,
      name,
      `Or say the format: ${formats.join(", ")}.`,
    );
  }
  const { compression = "auto" } = asked;
  return {
    format,
    isGzip: compression === "auto" ? isGzip : compression === "gzip",
    delimiter: ending === ".tsv" ? "\t" : ",",
  };
}

/** What was asked for, or the format of what has no name. */
export function namelessKind({ format = "jsonl", compression }: AskedKind): FileKind {
  return { format, isGzip: compression === "gzip", delimiter: "," };
}

/** Whether a name has an ending that says anything. */
export function hasEnding(name: string): boolean {
  return endingOf(name).ending !== "";
}

function endingOf(name: string): { readonly ending: string; readonly isGzip: boolean } {
  const lower = name.toLowerCase();
  const isGzip = lower.endsWith(".gz");
  const bare = isGzip ? lower.slice(0, -".gz".length) : lower;
  return { ending: /\.[a-z\d]+$/.exec(bare)?.[0] ?? "", isGzip };
}
