import { type Composition, compositionOf } from "./composed.ts";
import { joinPaths } from "./path.ts";
import { placesOf } from "./places.ts";
import type { AnySchema } from "./schema.ts";
import { analyzeArktype } from "./traits/arktype.ts";
import type { Analysis, SchemaTrait, SchemaTraits } from "./traits/trait.ts";
import { analyzeValibot } from "./traits/valibot.ts";
import { analyzeZod } from "./traits/zod.ts";

function unknownVendor(vendor: string): Analysis {
  const all: readonly SchemaTrait[] = [{ path: "", name: `unknown vendor ${vendor}` }];
  return { vendor, opaqueChecks: all, transforms: all, parseIsIdempotent: false, keepsReference: false };
}

function analyzeComposed(composition: Composition): Analysis {
  const members = placesOf(composition).map(([path, schema]) => ({ path, analysis: analyze(schema) }));
  const gather = (list: "opaqueChecks" | "transforms") =>
    members.flatMap(({ path, analysis }) =>
      analysis[list].map((trait) => ({ path: joinPaths(path, trait.path), name: trait.name })),
    );
  const keepsReference =
    (composition.kind === "anything" ||
      composition.kind === "union" ||
      composition.kind === "intersection") &&
    members.every(({ analysis }) => analysis.keepsReference);
  // In a union, an earlier member may take what a later one made; in an intersection, each sees the others' keys.
  const isStable =
    keepsReference ||
    ((composition.kind === "object" || composition.kind === "array" || composition.kind === "tuple") &&
      members.every(({ analysis }) => analysis.parseIsIdempotent));
  return {
    vendor: "atomic",
    opaqueChecks: gather("opaqueChecks"),
    transforms: gather("transforms"),
    parseIsIdempotent: isStable,
    keepsReference,
  };
}

/** A schema of `fromJsonSchema`: it does what its JSON Schema says, and hands on the very value. */
function analyzeJsonSchema(schema: AnySchema): Analysis | undefined {
  // Others may call themselves by this name.
  if (!("~jsonSchema" in schema)) return;
  return {
    vendor: "json-schema",
    opaqueChecks: [],
    transforms: [],
    parseIsIdempotent: true,
    keepsReference: true,
  };
}

const vendors: Readonly<Record<string, (schema: AnySchema) => Analysis | undefined>> = {
  zod: analyzeZod,
  arktype: analyzeArktype,
  valibot: analyzeValibot,
  "json-schema": analyzeJsonSchema,
};

const known = new WeakMap<AnySchema, Analysis>();

function analyze(schema: AnySchema): Analysis {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const { vendor } = schema["~standard"];
  let analysis: Analysis | undefined;
  try {
    const composition = compositionOf(schema);
    analysis =
      composition !== undefined
        ? analyzeComposed(composition)
        : Object.hasOwn(vendors, vendor)
          ? vendors[vendor]?.(schema)
          : undefined;
  } catch {
    // A recursive schema that is not fully defined yet throws when it is read: not known now, perhaps later.
    return unknownVendor(vendor);
  }
  const result = analysis ?? unknownVendor(vendor);
  known.set(schema, result);
  return result;
}

/**
 * Says what a schema does beyond what its JSON Schema shows: checks that only its vendor can run, and whatever may hand
 * on another value than it was given. Looks through composed schemas. Of an unknown vendor nothing is known, and that
 * is said as both an opaque check and a transform. Found out once per schema.
 *
 * @example
 * ```ts
 * import { inspectSchema } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const Person = z.object({ name: z.string().trim(), age: z.number().refine((age) => age % 1 === 0) });
 * inspectSchema(Person).transforms; // => [ { path: "name", name: "overwrite" } ]
 * inspectSchema(Person).opaqueChecks; // => [ { path: "age", name: "refine" } ]
 * ```
 */
export function inspectSchema(schema: AnySchema): SchemaTraits {
  const { vendor, opaqueChecks, transforms, parseIsIdempotent } = analyze(schema);
  return { vendor, opaqueChecks, transforms, parseIsIdempotent };
}

/**
 * Tells whether a value that this very schema object produced may skip being parsed by it again: true only where that
 * is known to give a deep-equal value and to have no other effect. So there is no transform, default, fallback,
 * coercion, check of one's own, asynchronous or lazy part in it, and no union whose options could take each other's
 * results. Two schemas that merely look alike are not the same schema.
 *
 * @example
 * ```ts
 * import { canParseOnce } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * canParseOnce(z.object({ name: z.string().min(1) })); // => true
 * canParseOnce(z.object({ name: z.string().default("you") })); // => false
 * ```
 */
export function canParseOnce(schema: AnySchema): boolean {
  return analyze(schema).parseIsIdempotent;
}
