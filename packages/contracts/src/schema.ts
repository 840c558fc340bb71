import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * A schema of any vendor that speaks Standard Schema: Zod 4, ArkType, Valibot, `fromJsonSchema`, or one composed here.
 *
 * `TInput` is what the schema accepts, `TOutput` what it hands on (they differ where it transforms, coerces or
 * fills defaults in). Covariant in both, so every schema is a `Schema`.
 *
 * @example
 * ```ts
 * import type { Schema } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const Length: Schema<string, number> = z.string().transform((text) => text.length);
 * Length["~standard"].validate("four"); // => { value: 4 }
 * ```
 */
export type Schema<TInput = unknown, TOutput = TInput> = StandardSchemaV1<TInput, TOutput>;

/** A schema of unknown types: the bound for `S extends AnySchema`. */
export type AnySchema = Schema;

/** What a caller may give to the schema, before it is parsed. */
export type InferInput<S extends AnySchema> = StandardSchemaV1.InferInput<S>;

/** What comes out of the schema, after it is parsed. */
export type InferOutput<S extends AnySchema> = StandardSchemaV1.InferOutput<S>;

/** What `schema["~standard"].validate` answers (or promises): `{ value }`, or `{ issues }` when it refuses. */
export type Validated<T> = StandardSchemaV1.Result<T>;

/** One complaint as a vendor gives it: a message and where. `describeIssues` turns it into an `Issue`. */
export type VendorIssue = StandardSchemaV1.Issue;

/**
 * Tells whether `value` is a schema: an object or a function with a Standard Schema (version 1) under `~standard`.
 * Never throws, whatever the value does when it is read.
 *
 * @example
 * ```ts
 * import { isSchema } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * isSchema(z.string()); // => true
 * isSchema({ type: "string" }); // => false
 * ```
 */
export function isSchema(value: unknown): value is AnySchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  try {
    // An object or a function may be read; what is there is checked next.
    const standard = (value as { readonly "~standard"?: unknown })["~standard"];
    if (standard === null || typeof standard !== "object") return false;
    // As above.
    const { version, vendor, validate } = standard as Readonly<Record<string, unknown>>;
    return version === 1 && typeof vendor === "string" && typeof validate === "function";
  } catch {
    return false;
  }
}
