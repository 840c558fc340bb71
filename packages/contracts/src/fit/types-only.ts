import type { JsonSchema } from "../json-schema.ts";
import { mapSubschemas } from "../json/schema-positions.ts";

const limits: ReadonlySet<string> = new Set([
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "maxLength",
  "maximum",
  "minLength",
  "minimum",
  "multipleOf",
  "pattern",
  "uniqueItems",
]);

/**
 * The schema by its types alone, without what limits the values of a type. What alters a value but keeps its type
 * (trimming a text, say) may hand on any value of that.
 */
export function typesOnly(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(mapSubschemas(schema, typesOnly)).flatMap(
    ([keyword, value]): [string, unknown][] => {
      if (limits.has(keyword)) return [];
      // The length of a tuple is of its type.
      if ((keyword === "minItems" || keyword === "maxItems") && schema.prefixItems === undefined) return [];
      if (keyword === "type" && value === "integer") return [["type", "number"]];
      if (keyword === "type" && Array.isArray(value)) {
        return [["type", value.map((type: unknown) => (type === "integer" ? "number" : type))]];
      }
      return [[keyword, value]];
    },
  );
  return Object.fromEntries(entries);
}
