import type { JsonSchema } from "../json-schema.ts";
import { mapSubschemas } from "./schema-positions.ts";

/** Keywords that are understood where two object schemas become one. */
const foldable: ReadonlySet<string> = new Set(["type", "properties", "required", "additionalProperties"]);

function isFoldable(schema: JsonSchema): boolean {
  const extra = schema.additionalProperties;
  return (
    schema.type === "object" &&
    Object.keys(schema).every((keyword) => foldable.has(keyword)) &&
    (extra === undefined || typeof extra === "boolean")
  );
}

function propertyOf(schema: JsonSchema, key: string): JsonSchema | undefined {
  const { properties = {} } = schema;
  const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (property === undefined) return undefined;
  return typeof property === "object" ? property : property ? {} : { not: {} };
}

/** Keywords that would say something else, were what is inside them made to take more. */
const contrary: ReadonlySet<string> = new Set(["not", "if", "then", "else", "dependentSchemas"]);

/**
 * A schema that takes all that this one takes, and the same with more keys in any of its objects. What is behind a
 * reference may be closed, so that takes everything.
 */
function opened(schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) return {};
  const entries = Object.entries(mapSubschemas(schema, opened)).flatMap(
    ([keyword, value]): [string, unknown][] => {
      if (contrary.has(keyword)) return [];
      if (value === false && (keyword === "additionalProperties" || keyword === "unevaluatedProperties"))
        return [];
      // With more keys, more than one of the options may take a value.
      if (keyword === "oneOf") return schema.anyOf === undefined ? [["anyOf", value]] : [];
      return [[keyword, value]];
    },
  );
  return Object.fromEntries(entries);
}

/**
 * What becomes of a value of which several schemas have each handed on their part, put together. Taken one by one,
 * closed schemas (`additionalProperties: false`) would refuse each other's keys: the keys of plain objects are put into
 * one, and where it is not that simple, the schemas are opened.
 */
export function fold(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  const [only] = distinct;
  if (only !== undefined && distinct.length === 1) return only;
  if (!distinct.every(isFoldable)) return { allOf: distinct.map(opened) };
  const keys = [...new Set(distinct.flatMap((schema) => Object.keys(schema.properties ?? {})))];
  const required = [...new Set(distinct.flatMap((schema) => schema.required ?? []))];
  return {
    type: "object",
    properties: Object.fromEntries(
      keys.map((key) => [
        key,
        fold(
          distinct.flatMap((schema) => {
            const property = propertyOf(schema, key);
            return property === undefined ? [] : [property];
          }),
        ),
      ]),
    ),
    ...(required.length > 0 && { required }),
    ...(distinct.every((schema) => schema.additionalProperties === false) && { additionalProperties: false }),
  };
}
