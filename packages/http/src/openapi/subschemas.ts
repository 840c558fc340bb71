import type { JsonSchema } from "@atomic-agents/contracts";

/** A schema, or one of the booleans that stand for one. */
export type SchemaNode = JsonSchema | boolean;

export type Keys = readonly (string | number)[];

/** Keywords of draft 2020-12 by what they hold; `definitions` is what `$defs` was called before. */
const single: ReadonlySet<string> = new Set([
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const listed: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const named: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy in which each schema directly inside is replaced. What is data (`const`, `enum`, `default`, `examples`) and
 * what is under keywords that nobody knows is no schema, whatever it looks like.
 */
export function mapSubschemas(
  schema: JsonSchema,
  change: (node: JsonSchema, keys: Keys) => SchemaNode,
): JsonSchema {
  const changed = (value: unknown, keys: Keys): unknown => (isObject(value) ? change(value, keys) : value);
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (single.has(keyword)) return [keyword, changed(value, [keyword])];
    if (listed.has(keyword) && Array.isArray(value)) {
      return [keyword, value.map((node, index) => changed(node, [keyword, index]))];
    }
    if (!named.has(keyword) || !isObject(value)) return [keyword, value];
    const members = Object.entries(value).map(([name, node]) => [name, changed(node, [keyword, name])]);
    return [keyword, Object.fromEntries(members)];
  });
  // Made of entries, so that a property `__proto__` is one like any other.
  return Object.fromEntries(entries);
}

/** Calls `visit` for the schema and each inside it, with the keys that lead there. */
export function visitSchemas(
  schema: JsonSchema,
  visit: (node: JsonSchema, keys: Keys) => void,
  keys: Keys = [],
): void {
  visit(schema, keys);
  mapSubschemas(schema, (node, more) => {
    visitSchemas(node, visit, [...keys, ...more]);
    return node;
  });
}
