import type { DuckDBType } from "@duckdb/node-api";
import { quoteName, quoteText } from "./identifiers.ts";
import type { DuckDb } from "./load-duckdb.ts";

/**
 * A query with null for what JSON has no number for, NaN and infinities, also in lists and objects; undefined where its columns can
 * have none.
 */
export function finiteColumns(
  duck: DuckDb,
  query: string,
  columns: readonly { readonly name: string; readonly type: DuckDBType }[],
): string | undefined {
  const made = columns.flatMap(({ name, type }) => {
    const column = quoteName(name);
    const finite = finiteOf(duck, type, column, 0);
    return finite === undefined ? [] : [`${finite} as ${column}`];
  });
  return made.length === 0 ? undefined : `select * replace (${made.join(", ")}) from (\n${query}\n)`;
}

/** @param depth how many lists it is in */
function finiteOf(duck: DuckDb, type: DuckDBType, value: string, depth: number): string | undefined {
  const { DOUBLE, FLOAT } = duck.DuckDBTypeId;
  if (type.typeId === DOUBLE || type.typeId === FLOAT)
    return `case when isfinite(${value}) then ${value} end`;
  const element = `e${depth}`;
  if (type instanceof duck.DuckDBListType || type instanceof duck.DuckDBArrayType) {
    const inner = finiteOf(duck, type.valueType, element, depth + 1);
    return inner && `list_transform(${value}, lambda ${element}: ${inner})`;
  }
  if (type instanceof duck.DuckDBMapType) {
    const inner = finiteOf(duck, type.valueType, `${element}.value`, depth + 1);
    if (inner === undefined) return undefined;
    const entries = `list_transform(map_entries(${value}), lambda ${element}: {'key': ${element}.key, 'value': ${inner}})`;
    return `map_from_entries(${entries})`;
  }
  if (!(type instanceof duck.DuckDBStructType) || type.entryNames.includes("")) return undefined;
  const fields = type.entryNames.map((name, index) => {
    const field = `${value}[${quoteText(name)}]`;
    const inner = finiteOf(duck, type.entryTypes[index] as DuckDBType, field, depth);
    return { name, field, inner };
  });
  if (fields.every(({ inner }) => inner === undefined)) return undefined;
  const texts = fields.map(({ name, field, inner }) => `${quoteText(name)}: ${inner ?? field}`);
  return `case when ${value} is not null then {${texts.join(", ")}} end`;
}
