import { toJsonText } from "./json.ts";

/** Records with the same columns, as text. */
export interface Rows {
  /** In the order in which they were first seen. */
  readonly columns: readonly string[];
  readonly cells: readonly (readonly string[])[];
}

/** A result as records: an array's items, or the result itself. What is no object becomes the column `value`. */
export function toRows(value: unknown): Rows {
  const records = (Array.isArray(value) ? value : [value]).map(recordOf);
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return {
    columns,
    cells: records.map((record) => columns.map((column) => cellText(own(record, column)))),
  };
}

/** A value in a cell: text as it is, nothing for what is not there, all else as JSON. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : toJsonText(value).replace(/^"(.*)"$/s, "$1");
}

export function recordOf(item: unknown): Readonly<Record<string, unknown>> {
  const isRecord =
    typeof item === "object" && item !== null && !Array.isArray(item) && !(item instanceof Date);
  // An object that is neither array nor date is read by its keys.
  return isRecord ? (item as Readonly<Record<string, unknown>>) : { value: item };
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
