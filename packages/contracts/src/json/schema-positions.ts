import type { JsonSchema } from "../json-schema.ts";
import { asArray, asObject } from "../vendors/vendor-object.ts";

/** Keywords whose value is a schema (or, in older drafts, a list of them). */
const single: ReadonlySet<string> = new Set([
  "additionalItems",
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

/** Keywords whose value is a list of schemas. */
const listed: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);

/** Keywords whose value holds schemas by name. */
const named: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/** A schema or one of the booleans that stand for one. */
export type SchemaNode = JsonSchema | boolean;

/** Where something stands in a schema: the keys that lead there. */
export type SchemaKeys = readonly (string | number)[];

/** Changes a schema that stands under these keys. */
type Change = (node: JsonSchema, keys: SchemaKeys) => SchemaNode;

function mapNode(value: unknown, keys: SchemaKeys, change: Change): unknown {
  const node = Array.isArray(value) ? undefined : asObject(value);
  // An object in the place of a schema is a schema: keywords that are wrong in it are not this function's business.
  return node === undefined ? value : change(node, keys);
}

/**
 * A copy of a JSON Schema in which each schema directly inside is replaced; booleans that stand for one are left as they
 * are. What is data (`const`, `enum`, `default`, `examples`), and what is under keywords that are not known, is no
 * schema, whatever it looks like.
 *
 * @param change given a schema and the keys that lead to it
 * @example
 * ```ts
 * import { mapSubschemas } from "@atomic-agents/contracts";
 *
 * const schema = { properties: { a: { type: "string" } }, const: { properties: { b: {} } } };
 * const changed = mapSubschemas(schema, (node, keys) => ({ ...node, title: keys.join("/") }));
 * changed; // => { properties: { a: { type: "string", title: "properties/a" } }, const: { properties: { b: {} } } }
 * ```
 */
export function mapSubschemas(schema: JsonSchema, change: Change): JsonSchema {
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (listed.has(keyword) || (single.has(keyword) && Array.isArray(value))) {
      return [keyword, asArray(value).map((node, index) => mapNode(node, [keyword, index], change))];
    }
    if (single.has(keyword)) return [keyword, mapNode(value, [keyword], change)];
    const group = named.has(keyword) ? asObject(value) : undefined;
    if (group === undefined) return [keyword, value];
    const members = Object.entries(group).map(([name, node]) => [
      name,
      mapNode(node, [keyword, name], change),
    ]);
    return [keyword, Object.fromEntries(members)];
  });
  // Defined rather than set, so that a property `__proto__` is one.
  return Object.fromEntries(entries);
}

/**
 * A copy in which every `$ref`, however deep, is replaced by what `change` makes of it. A schema with an `$id` is a
 * resource of its own, and its references are left alone.
 */
export function mapReferences(schema: JsonSchema, change: (reference: string) => string): JsonSchema {
  const mapped = mapSubschemas(schema, (node) =>
    node.$id === undefined ? mapReferences(node, change) : node,
  );
  return typeof mapped.$ref === "string" ? { ...mapped, $ref: change(mapped.$ref) } : mapped;
}

/** Every `$ref` of the schema and of those inside, save those under `$defs`. */
export function referencesOf(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  const { $defs: _, ...rest } = schema;
  mapReferences(rest, (reference) => {
    found.push(reference);
    return reference;
  });
  return found;
}

/**
 * Calls a function for a JSON Schema and each inside it, however deep, the outer ones first; references are not followed.
 *
 * @param visit given a schema and the keys that lead to it
 * @example
 * ```ts
 * import { visitSchemas } from "@atomic-agents/contracts";
 *
 * const places: string[] = [];
 * visitSchemas({ items: { anyOf: [{ type: "string" }, true] } }, (_, keys) => places.push(keys.join("/")));
 * places; // => [ "", "items", "items/anyOf/0" ]
 * ```
 */
export function visitSchemas(
  schema: JsonSchema,
  visit: (node: JsonSchema, keys: SchemaKeys) => void,
  keys: SchemaKeys = [],
): void {
  visit(schema, keys);
  mapSubschemas(schema, (node, more) => {
    visitSchemas(node, visit, [...keys, ...more]);
    return node;
  });
}
