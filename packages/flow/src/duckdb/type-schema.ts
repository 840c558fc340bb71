import type { JsonSchema } from "@atomic-agents/contracts";
import type { DuckDBType } from "@duckdb/node-api";
import type { DuckDb } from "./load-duckdb.ts";

/** What values of a type are as JSON, as `jsonOf` makes them; they may be null wherever they stand. */
export function schemaOfType(duck: DuckDb, type: DuckDBType): JsonSchema {
  const { DuckDBTypeId: id, DuckDBListType, DuckDBArrayType, DuckDBStructType } = duck;
  const { typeId } = type;
  if (typeId === id.BOOLEAN) return { type: ["boolean", "null"] };
  if (typeId === id.SQLNULL) return { type: "null" };
  if (type.alias === "JSON" || typeId === id.MAP || typeId === id.UNION) return {};
  const whole = [id.TINYINT, id.SMALLINT, id.INTEGER, id.BIGINT, id.HUGEINT, id.BIGNUM];
  const positive = [id.UTINYINT, id.USMALLINT, id.UINTEGER, id.UBIGINT, id.UHUGEINT];
  const isOneOf = (ids: readonly number[]): boolean => ids.includes(typeId);
  if (isOneOf(whole) || isOneOf(positive)) return { type: ["integer", "null"] };
  if (isOneOf([id.FLOAT, id.DOUBLE, id.DECIMAL])) return { type: ["number", "null"] };
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    return { type: ["array", "null"], items: schemaOfType(duck, type.valueType) };
  }
  if (type instanceof DuckDBStructType) {
    const parts = type.entryNames.map((name, index) => {
      const entry = type.entryTypes[index];
      return [name, entry === undefined ? {} : schemaOfType(duck, entry)] as const;
    });
    return {
      type: ["object", "null"],
      properties: Object.fromEntries(parts),
      required: [...type.entryNames],
      additionalProperties: false,
    };
  }
  return { type: ["string", "null"] };
}
