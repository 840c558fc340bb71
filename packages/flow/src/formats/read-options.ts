import type { AnySchema } from "@atomic-agents/contracts";
import { checkCount, configError } from "../config-error.ts";
import { type ColumnType, columnTypes } from "../csv/column-type.ts";
import { checkDelimiter } from "../csv/delimiter.ts";
import { checkKind, type Compression, type FileFormat, type FileKind } from "./file-format.ts";

/** How bytes become records. */
export interface ReadOptions<TSchema extends AnySchema = AnySchema> {
  /** Checks each record; one that it does not take becomes a dead letter. */
  readonly schema?: TSchema | undefined;
  /** How records stand in the bytes. */
  readonly format?: FileFormat | undefined;
  /** Whether the bytes are packed; `auto`. */
  readonly compression?: Compression | undefined;
  /** A longer record is refused, and never held; 1 MiB. */
  readonly maxRecordBytes?: number | undefined;
  /** When there are more bytes, after they are unpacked, the flow fails; no limit. */
  readonly maxBytes?: number | undefined;
  /** Of `csv`: the character between two fields; a comma, in a `.tsv` file a tab. */
  readonly delimiter?: string | undefined;
  /** Of `csv`: what the columns are called; the first row is then a record, unless `header` is true. */
  readonly columns?: readonly string[] | undefined;
  /** Of `csv`: whether the first row holds names; unless `columns` are given. With both, `columns` stand in their place. */
  readonly header?: boolean | undefined;
  /** Of `csv`: what the values of a column are; texts. An empty field of another type is null. */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
}

/** The names of the options, for those who check them. */
export const readOptionKeys = [
  "schema",
  "format",
  "compression",
  "maxRecordBytes",
  "maxBytes",
  "delimiter",
  "columns",
  "header",
  "types",
] as const;

/** What is read, and how, with all defaults. */
export interface ReadSettings {
  readonly kind: FileKind;
  readonly maxRecordBytes: number;
  readonly maxBytes: number;
  readonly columns: readonly string[] | undefined;
  readonly header: boolean;
  readonly types: Readonly<Record<string, ColumnType>>;
}

const defaultMaxRecordBytes = 1_048_576;

/** @throws AtomicError `CONFIG` */
export function checkReadOptions(what: string, options: ReadOptions): void {
  checkKind(what, options);
  const { maxRecordBytes, maxBytes, delimiter, columns, header, types } = options;
  if (maxRecordBytes !== undefined) checkCount(what, "maxRecordBytes", maxRecordBytes);
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw configError(what, "maxBytes", "a whole number from 1", maxBytes);
  }
  if (delimiter !== undefined) checkDelimiter(what, delimiter);
  if (columns !== undefined) checkColumns(what, columns);
  if (header !== undefined && typeof header !== "boolean") {
    throw configError(what, "header", "true or false", header);
  }
  if (header === false && columns === undefined) {
    throw configError(
      what,
      "header",
      "true where no columns are given",
      header,
      "Give the columns their names.",
    );
  }
  if (types !== undefined) checkTypes(what, types, columns);
}

/** @throws AtomicError `CONFIG` for options that the format knows nothing of */
export function readSettings(what: string, kind: FileKind, options: ReadOptions): ReadSettings {
  const { maxRecordBytes = defaultMaxRecordBytes, maxBytes = Number.POSITIVE_INFINITY } = options;
  const { delimiter, columns, header = columns === undefined, types = {} } = options;
  if (kind.format !== "csv") {
    checkNoCsv(what, kind, { delimiter, columns, header: options.header, types: options.types });
  }
  const described = { ...kind, delimiter: delimiter ?? kind.delimiter };
  return { kind: described, maxRecordBytes, maxBytes, columns, header, types };
}

/** Options of CSV mean nothing elsewhere. @throws AtomicError `CONFIG` */
export function checkNoCsv(
  what: string,
  { format }: FileKind,
  options: Readonly<Record<string, unknown>>,
): void {
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined) {
      throw configError(what, key, `left out for ${format}`, value, "It is an option of csv.");
    }
  }
}

/** @throws AtomicError `CONFIG` */
export function checkColumns(what: string, columns: readonly string[]): void {
  const isList = Array.isArray(columns) && columns.length > 0;
  if (!isList || columns.some((name) => typeof name !== "string" || name === "__proto__")) {
    throw configError(what, "columns", "a list of names", columns);
  }
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw configError(what, "columns", "a list of different names", twice);
}

function checkTypes(
  what: string,
  types: Readonly<Record<string, ColumnType>>,
  columns: readonly string[] | undefined,
): void {
  if (typeof types !== "object" || types === null) throw configError(what, "types", "an object", types);
  for (const [name, type] of Object.entries(types)) {
    if (columns?.includes(name) === false) {
      throw configError(what, "types", `the types of columns (${columns.join(", ")})`, name);
    }
    if (!columnTypes.includes(type)) {
      throw configError(what, `types.${name}`, `one of ${columnTypes.join(", ")}`, type);
    }
  }
}
