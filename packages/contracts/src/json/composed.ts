import type { Composition } from "../composed.ts";
import type { Io, JsonSchema } from "../json-schema.ts";
import type { AnySchema } from "../schema.ts";
import { Definitions } from "./definitions.ts";
import { fold } from "./fold.ts";

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
