import { configError } from "../config-error.ts";
import type { ColumnType } from "./column-type.ts";
import { type Convert, converterOf } from "./convert.ts";

/** What the columns of a file are. */
export interface CsvColumns {
  readonly names: readonly string[];
  /** What makes values of the fields of each column; undefined where all stay texts. */
  readonly converters: readonly (Convert | undefined)[] | undefined;
}

/** @throws AtomicError `CONFIG` for a type of a column that does not exist */
export function columnsOf(
  what: string,
  names: readonly string[],
  types: Readonly<Record<string, ColumnType>>,
): CsvColumns {
  for (const name of Object.keys(types)) {
    if (!names.includes(name)) {
      throw configError(what, "types", `the types of columns of the file (${names.join(", ")})`, name);
    }
  }
  const converters = names.map((name) => converterOf(Object.hasOwn(types, name) ? types[name] : undefined));
  return { names, converters: converters.some((convert) => convert !== undefined) ? converters : undefined };
}

/** Why names cannot be those of columns; undefined when they can. */
export function headerProblem(names: readonly string[]): string | undefined {
  if (names.includes("__proto__")) return 'a column is called "__proto__"';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `two columns are called ${JSON.stringify(twice)}`;
}
