import type { Composition } from "./composed.ts";
import { joinKey } from "./path.ts";
import type { AnySchema } from "./schema.ts";

/** The members of a composed schema, each with its place in it. */
export function placesOf(composition: Composition): readonly (readonly [string, AnySchema])[] {
  switch (composition.kind) {
    case "object":
      return [...composition.slots].map(([key, slot]) => [joinKey("", key), slot] as const);
    case "array":
      return [["[]", composition.item]];
    case "tuple":
      return composition.members.map((member, index) => [`[${index}]`, member] as const);
    case "union":
      return composition.members.map((member, index) => [`|${index}`, member] as const);
    case "intersection":
      return composition.members.map((member, index) => [`&${index}`, member] as const);
    case "anything":
      return [];
  }
}
