import { checkDelimiter } from "../csv/delimiter.ts";
import { checkKind, type Compression, type FileFormat, type FileKind } from "./file-format.ts";
import { checkColumns, checkNoCsv } from "./read-options.ts";

/** How records become bytes. */
export interface WriteOptions {
  /** How records stand in the bytes. */
  readonly format?: FileFormat | undefined;
  /** Whether the bytes are packed; `auto`. */
  readonly compression?: Compression | undefined;
  /** Of `csv`: the character between two fields; a comma, in a `.tsv` file a tab. */
  readonly delimiter?: string | undefined;
  /** Of `csv`: which keys of the records are written, in which order; the keys of the first record. */
  readonly columns?: readonly string[] | undefined;
}

/** The names of the options, for those who check them. */
export const writeOptionKeys = ["format", "compression", "delimiter", "columns"] as const;

/** What is written, and how, with all defaults. */
export interface WriteSettings {
  readonly kind: FileKind;
  readonly columns: readonly string[] | undefined;
}

/** @throws AtomicError `CONFIG` */
export function checkWriteOptions(what: string, options: WriteOptions): void {
  checkKind(what, options);
  const { delimiter, columns } = options;
  if (delimiter !== undefined) checkDelimiter(what, delimiter);
  if (columns !== undefined) checkColumns(what, columns);
}

/** @throws AtomicError `CONFIG` for options that the format knows nothing of */
export function writeSettings(what: string, kind: FileKind, options: WriteOptions): WriteSettings {
  const { delimiter, columns } = options;
  if (kind.format !== "csv") checkNoCsv(what, kind, { delimiter, columns });
  return { kind: { ...kind, delimiter: delimiter ?? kind.delimiter }, columns };
}
