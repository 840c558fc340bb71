import type { JsonSchema } from "@atomic-agents/contracts";

const lists: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const maps: ReadonlySet<string> = new Set(["properties", "patternProperties", "$defs", "dependentSchemas"]);
const singles: ReadonlySet<string> = new Set(["items", "additionalProperties", "contains", "then", "else"]);
const limits = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "const", "enum"] as const;

/**
 * The schema of records that are read from text, with the whole numbers that can be read exactly: up to 2^53 − 1. JSON
 * of larger ones is read as another number, and what takes whole numbers elsewhere takes no more either.
 */
export function withExactIntegers<TSchema>(schema: TSchema): TSchema {
  // The same keywords, with schemas where there were schemas.
  return bounded(schema) as TSchema;
}

function bounded(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (singles.has(keyword)) return [keyword, bounded(value)];
    if (lists.has(keyword) && Array.isArray(value)) return [keyword, value.map(bounded)];
    if (maps.has(keyword) && isObject(value)) {
      return [
        keyword,
        Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, bounded(inside)])),
      ];
    }
    return [keyword, value];
  });
  const result = Object.fromEntries(entries);
  if (!isUnbounded(schema)) return result;
  return { ...result, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
}

/** Whether its numbers are whole, and any of them. */
function isUnbounded(schema: JsonSchema): boolean {
  const { type } = schema;
  const types = Array.isArray(type) ? type : [type];
  if (!types.includes("integer") || types.includes("number")) return false;
  return limits.every((limit) => schema[limit] === undefined);
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
