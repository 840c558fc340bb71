import type { AnySchema } from "./schema.ts";

/** One thing a schema does that JSON Schema cannot show, and where. */
export interface SchemaTrait {
  /** Where in the schema, such as `items[].name`; `""` is the schema itself. */
  readonly path: string;
  /** What it is called by its vendor: `refine`, `trim`, `morph` … */
  readonly name: string;
}

/** What is known of a schema beyond its JSON Schema. */
export interface SchemaTraits {
  readonly vendor: string;
  /** Checks that only the vendor can run. */
  readonly opaqueChecks: readonly SchemaTrait[];
  /** Whatever may hand on another value than it was given. */
  readonly transforms: readonly SchemaTrait[];
  /** True where parsing a value this schema produced is known to give an equal value, with no other effect. */
  readonly parseIsIdempotent: boolean;
}

export function inspectSchema(schema: AnySchema): SchemaTraits {
  const { vendor } = schema["~standard"];
  const unknown = [{ path: "", name: `unknown vendor ${vendor}` }];
  return { vendor, opaqueChecks: unknown, transforms: unknown, parseIsIdempotent: false };
}

export function canParseOnce(schema: AnySchema): boolean {
  return inspectSchema(schema).parseIsIdempotent;
}
