import type { Composition } from "../composed.ts";
import type { Io, JsonSchema } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { Definitions } from "./definitions.ts";

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

function withoutClosing(schema: JsonSchema): JsonSchema {
  if (schema.additionalProperties !== false) return schema;
  const { additionalProperties: _, ...open } = schema;
  return open;
}

/**
 * What is left of an object after several schemas have each handed on their part of it. Taken one by one, closed
 * schemas (`additionalProperties: false`) would refuse each other's keys, so those of all are put into one.
 */
function fold(schemas: readonly JsonSchema[]): JsonSchema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  const [only] = distinct;
  if (only !== undefined && distinct.length === 1) return only;
  if (!distinct.every(isFoldable)) return { allOf: distinct.map(withoutClosing) };
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

/** The JSON Schema of a composed schema, made of those of its members. */
export function composedJsonSchema(
  composition: Composition,
  io: Io,
  convert: (member: AnySchema) => JsonSchema,
): JsonSchema {
  const definitions = new Definitions();
  const embed = (member: AnySchema) => definitions.embed(convert(member));
  const root = (): JsonSchema => {
    switch (composition.kind) {
      case "anything":
        return {};
      case "array":
        return { type: "array", items: embed(composition.item) };
      case "tuple": {
        const count = composition.members.length;
        return {
          type: "array",
          ...(count > 0 && { prefixItems: composition.members.map(embed) }),
          items: false,
          minItems: count,
          maxItems: count,
        };
      }
      case "union":
        return composition.members.length === 0 ? { not: {} } : { anyOf: composition.members.map(embed) };
      case "intersection": {
        const members = composition.members.map(embed);
        if (members.length === 0) return {};
        return io === "output" ? fold(members) : { allOf: members };
      }
      case "object": {
        const entries = [...composition.slots].map(([key, slot]) => [key, embed(slot)] as const);
        return {
          type: "object",
          properties: Object.fromEntries(entries),
          ...(entries.length > 0 && { required: entries.map(([key]) => key) }),
          // What is no slot is taken, and dropped.
          ...(io === "output" && { additionalProperties: false }),
        };
      }
    }
  };
  return definitions.complete(root());
}
