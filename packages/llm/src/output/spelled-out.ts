import { isRecord, type Keywords, mapValues } from "./keywords.ts";

/** Keywords whose values are no schemas, whatever they look like. */
const data = new Set(["enum", "const", "default", "examples", "required", "dependentRequired"]);

/** Keywords that hold schemas by names. */
const named = new Set(["properties", "$defs", "patternProperties", "dependentSchemas"]);

/** A map with more keys than this stays one. */
const maxKeys = 100;

/**
 * The same schema with the maps whose keys are known as objects with properties. Providers know nothing of names of
 * properties, and a map that is closed to other keys can be held to its shape.
 */
export function spelledOut(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(spelledOut);
  if (!isRecord(schema)) return schema;
  return mapValues(withProperties(schema), (part, key) => {
    if (data.has(key)) return part;
    return named.has(key) && isRecord(part) ? mapValues(part, spelledOut) : spelledOut(part);
  });
}

function withProperties(schema: Keywords): Keywords {
  const { type, properties = {}, additionalProperties, propertyNames, ...others } = schema;
  const names = isRecord(propertyNames) ? propertyNames["enum"] : undefined;
  const isKnown =
    type === "object" &&
    isRecord(additionalProperties) &&
    isRecord(properties) &&
    Array.isArray(names) &&
    names.length <= maxKeys &&
    names.every((name) => typeof name === "string");
  if (!isKnown) return schema;
  const spelt = Object.fromEntries(names.map((name: string) => [name, additionalProperties]));
  return { ...others, type, properties: { ...spelt, ...properties }, additionalProperties: false };
}
