import { compositionOf } from "../composed.ts";
import type { Io } from "../json-schema.ts";
import { placesOf } from "../places.ts";
import type { AnySchema } from "../schema.ts";

/** What the same JSON Schema means to different vendors at run time. */
export interface Dialect {
  /** Two schemas of one dialect mean the same by the same keywords. `mixed` is like no other, nor like itself. */
  readonly name: string;
  /** What lengths of strings count; `either` where it is not known. */
  readonly lengths: "code points" | "UTF-16 units" | "either";
  /** Whether patterns are read with the flag `u`; where they are not all alike, two that look alike may differ. */
  readonly patterns: "unicode" | "plain" | "mixed";
  /** Whether an array passes for an object that asks for nothing an array lacks. */
  readonly arraysAreObjects: "yes" | "no" | "perhaps";
  /** Whether the value under `default` may be handed on without being parsed. */
  readonly defaultsAreValues: boolean;
}

/** JSON Schema as the specification reads it. */
export const plainDialect: Dialect = {
  name: "json-schema",
  lengths: "code points",
  patterns: "unicode",
  arraysAreObjects: "no",
  defaultsAreValues: false,
};

const mixed: Dialect = {
  name: "mixed",
  lengths: "either",
  patterns: "mixed",
  arraysAreObjects: "perhaps",
  defaultsAreValues: true,
};

function dialectOfVendor(vendor: string, io: Io, hasUnicodePatterns: boolean): Dialect {
  switch (vendor) {
    case "zod":
      return {
        name: "zod",
        lengths: "code points",
        patterns: hasUnicodePatterns ? "mixed" : "plain",
        arraysAreObjects: "no",
        defaultsAreValues: true,
      };
    case "arktype":
      return {
        name: "arktype",
        lengths: "UTF-16 units",
        patterns: "mixed",
        arraysAreObjects: "yes",
        defaultsAreValues: false,
      };
    case "valibot":
      return {
        name: "valibot",
        lengths: "UTF-16 units",
        patterns: "mixed",
        // It takes them, and makes an object of them.
        arraysAreObjects: io === "input" ? "yes" : "no",
        defaultsAreValues: false,
      };
    case "json-schema":
      return plainDialect;
    default:
      return mixed;
  }
}

/** The vendors of a schema and of those it is composed of. */
function vendorsOf(schema: AnySchema): ReadonlySet<string> {
  const composition = compositionOf(schema);
  if (composition === undefined) return new Set([schema["~standard"].vendor]);
  return new Set(placesOf(composition).flatMap(([, member]) => [...vendorsOf(member)]));
}

/** How a schema's JSON Schema is to be read. */
export function dialectOf(schema: AnySchema, io: Io, hasUnicodePatterns: boolean): Dialect {
  const vendors = [...vendorsOf(schema)];
  const [only] = vendors;
  if (only === undefined) return plainDialect;
  return vendors.length === 1 ? dialectOfVendor(only, io, hasUnicodePatterns) : mixed;
}

/** Whether both mean the same by the same keywords. */
export function isSameDialect(a: Dialect, b: Dialect): boolean {
  return a.name === b.name && a.name !== "mixed";
}
