import type { JsonSchema } from "@atomic-agents/contracts";
import { faithfulJson } from "../json-text.ts";
import { typesOf } from "./schema-parts.ts";
import { Unfit } from "./to-json.ts";

/** What a column of records holds. */
export type ColumnKind = "boolean" | "integer" | "number" | "text" | "json" | "date" | "timestamp";

/** The types of DuckDB's for them. */
export const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  boolean: "BOOLEAN",
  integer: "BIGINT",
  number: "DOUBLE",
  text: "VARCHAR",
  json: "JSON",
  date: "DATE",
  timestamp: "TIMESTAMP WITH TIME ZONE",
};

const dayMs = 86_400_000;

/** What a schema says of a key's values; undefined when it leaves that open. */
export function kindOfSchema(schema: JsonSchema | undefined): ColumnKind | undefined {
  const all = typesOf(schema);
  if (all === undefined) return undefined;
  const types = [...all].filter((type) => type !== "null");
  if (types.length === 0) return undefined;
  if (types.every((type) => type === "integer")) return "integer";
  if (types.every((type) => type === "integer" || type === "number")) return "number";
  if (types.length > 1) return "json";
  if (types[0] === "boolean") return "boolean";
  if (types[0] !== "string") return "json";
  const formats: Readonly<Record<string, ColumnKind>> = { date: "date", "date-time": "timestamp" };
  return formats[formatOf(schema) ?? ""] ?? "text";
}

/** What a value makes of a column that has had none. @throws Unfit */
export function kindOfValue(value: unknown): ColumnKind {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  return "json";
}

/**
 * What a column is after a value: whole numbers and others are numbers, as long as the schema has not said.
 *
 * @throws Unfit for a value of another kind
 */
export function widened(kind: ColumnKind, isFixed: boolean, value: unknown): ColumnKind {
  if (kind === "json") return kind;
  const own = kindOfValue(value);
  if (own === kind || (own === "integer" && kind === "number")) return kind;
  if (own === "number" && kind === "integer" && !isFixed) return own;
  if (own === "text" && (kind === "date" || kind === "timestamp")) return kind;
  throw new Unfit(`a value of kind ${own}, where the column has kind ${kind}`);
}

/** What stands for a value until it is written. @throws Unfit */
export function cellOf(kind: ColumnKind, value: unknown): unknown {
  if (kind === "json") return jsonCell(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new Unfit(`${value} is no number that JSON has`);
  }
  if (typeof value !== "string") return value;
  if (kind === "date") return daysOf(value);
  if (kind === "timestamp") return microsOf(value);
  if (value.isWellFormed()) return value;
  throw new Unfit("has half of a surrogate pair, which is no text");
}

function jsonCell(value: unknown): string {
  try {
    return faithfulJson(value);
  } catch (thrown) {
    throw new Unfit(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Days since 1970 of `2024-02-29`. */
function daysOf(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // The 30th of February would be the 1st of March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) {
    throw new Unfit(`${JSON.stringify(text)} is no date such as 2024-02-29`);
  }
  return ms / dayMs;
}

/** Microseconds since 1970 of `2024-02-29T12:00:00.5+01:00`. */
function microsOf(text: string): bigint {
  const parts = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const [, date = "", time = "", digits = "", zone = ""] = parts ?? [];
  const ms = parts === null ? Number.NaN : Date.parse(date + time + zone);
  if (Number.isNaN(ms)) {
    throw new Unfit(`${JSON.stringify(text)} is no point in time with a zone, such as 2024-02-29T12:00:00Z`);
  }
  daysOf(date);
  return BigInt(ms) * 1000n + BigInt(digits.padEnd(6, "0"));
}

function formatOf(schema: JsonSchema | undefined): string | undefined {
  if (schema?.format !== undefined) return schema.format;
  for (const choice of schema?.anyOf ?? schema?.oneOf ?? []) {
    const format = typeof choice === "boolean" ? undefined : formatOf(choice);
    if (format !== undefined) return format;
  }
  return undefined;
}
