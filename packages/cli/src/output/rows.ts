import { toJsonText } from "./json.ts";

/** Records with the same columns, as text. */
export interface Rows {
  /** In the order in which they were first seen. */
  readonly columns: readonly string[];
  readonly cells: readonly (readonly string[])[];
  /** Which columns hold numbers: these end below one another, and none of them is ever cut. */
  readonly numbers?: ReadonlySet<number>;
}

/** One record: what an object holds inside of objects has a key with dots, `options.language`. */
export type FlatRecord = ReadonlyMap<string, unknown>;

const maxDepth = 20;

/** A result as records: an array's items, or the result itself. */
export function toRows(value: unknown): Rows {
  const records = (Array.isArray(value) ? value : [value]).map(flatten);
  const columns = [...new Set(records.flatMap((record) => [...record.keys()]))];
  return {
    columns,
    cells: records.map((record) => columns.map((column) => cellText(record.get(column)))),
  };
}

/** A value as one record. What is no object becomes `value`; an array in it is kept whole. */
export function flatten(value: unknown): FlatRecord {
  const flat = new Map<string, unknown>();
  const add = (item: unknown, path: string, depth: number) => {
    if (!isRecord(item) || depth > maxDepth || (Object.keys(item).length === 0 && depth > 0)) {
      flat.set(path === "" ? "value" : path, item);
      return;
    }
    for (const [key, inner] of Object.entries(item))
      add(inner, path === "" ? key : `${path}.${key}`, depth + 1);
  };
  add(value, "", 0);
  return flat;
}

/** A value in a cell: text as it is, nothing for what is not there, all else as JSON. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  // What says itself what it is in JSON, as a date does, says it in a cell without the quotes.
  return toJsonText(value).replace(/^"(.*)"$/s, "$1");
}

function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
