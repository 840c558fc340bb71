import type { JsonSchema } from "@atomic-agents/contracts";

/** Keywords that say what kind of value there is. */
const kinds = ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "not", "if"] as const;

/**
 * What records are of which it was known what they are, when a schema has taken them as well: keys of which it says
 * nothing, or not what kind of value they have, stay what they were. Undefined where that cannot be told; they are then
 * what the schema says.
 */
export function narrowType(known: JsonSchema, taken: JsonSchema): JsonSchema | undefined {
  if (known.type !== "object" || (taken.type !== undefined && taken.type !== "object")) return undefined;
  // What it refers to would stand elsewhere.
  if (JSON.stringify(known).includes('"$ref"')) return undefined;
  if (taken["patternProperties"] !== undefined || taken["unevaluatedProperties"] !== undefined)
    return undefined;
  const { additionalProperties: others } = taken;
  const isClosed = others === false;
  const properties = new Map(Object.entries(taken.properties ?? {}));
  for (const [key, was] of Object.entries(known.properties ?? {})) {
    const is = properties.get(key);
    if (is === undefined) {
      if (!isClosed) properties.set(key, was);
    } else if (is === true) properties.set(key, was);
    else if (
      typeof is === "object" &&
      typeof was === "object" &&
      kinds.every((each) => is[each] === undefined)
    )
      properties.set(key, { ...was, ...is });
  }
  const required = [...(known.required ?? []), ...(taken.required ?? [])].filter((key) =>
    properties.has(key),
  );
  return {
    ...taken,
    type: "object",
    properties: Object.fromEntries(properties),
    required: [...new Set(required)],
    additionalProperties:
      others === undefined || others === true ? (known.additionalProperties ?? true) : others,
  };
}
