import { type AnySchema, type JsonSchema, toJsonSchema } from "@atomic-agents/contracts";

/** What a schema takes, as JSON Schema; undefined for one that has none, which then says nothing. */
export function inputOf(schema: AnySchema | undefined): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  try {
    return toJsonSchema(schema, "input");
  } catch {
    return undefined;
  }
}

/** The types that a schema allows; undefined when it does not say. */
export function typesOf(schema: JsonSchema | undefined): ReadonlySet<string> | undefined {
  if (schema === undefined) return undefined;
  const { type, anyOf, oneOf } = schema;
  if (type !== undefined) return new Set(typeof type === "string" ? [type] : type);
  if (schema.enum !== undefined) return new Set(schema.enum.map(kindOf));
  if ("const" in schema) return new Set([kindOf(schema.const)]);
  const choices = anyOf ?? oneOf;
  if (choices === undefined) return undefined;
  const all = new Set<string>();
  for (const choice of choices) {
    const types = typeof choice === "boolean" ? undefined : typesOf(choice);
    if (types === undefined) return undefined;
    for (const each of types) all.add(each);
  }
  return all;
}

/** Whether a number would not do, and a text does. */
export function wantsText(schema: JsonSchema | undefined): boolean {
  const types = typesOf(schema);
  return types !== undefined && types.has("string") && !types.has("number") && !types.has("integer");
}

/** The schema of a key, of items when there is none, or of any key that is not named (`*`). */
export function childSchema(schema: JsonSchema | undefined, key: string | undefined): JsonSchema | undefined {
  if (schema === undefined) return undefined;
  const { properties, additionalProperties, items, anyOf, oneOf } = schema;
  const named = key === undefined || properties === undefined || !Object.hasOwn(properties, key);
  const child = key === undefined ? items : named ? additionalProperties : properties[key];
  if (typeof child === "object") return child;
  for (const choice of anyOf ?? oneOf ?? []) {
    const found = typeof choice === "boolean" ? undefined : childSchema(choice, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}
