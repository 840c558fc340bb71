import type { AnySchema, InferInput, InferOutput, Schema, Validated, VendorIssue } from "./schema.ts";

/** The slots of an object, by name. */
type Slots = Readonly<Record<string, AnySchema>>;
type IntersectionOf<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer I) => void ? I : never;
/** Boxed, so that a union inside one member is not taken apart. */
type Unboxed<T> = T extends { readonly box: infer V } ? V : never;

type MaybePromise<T> = T | Promise<T>;

function make<TInput, TOutput>(
  validate: (value: unknown) => MaybePromise<Validated<TOutput>>,
): Schema<TInput, TOutput> {
  return { "~standard": { version: 1, vendor: "atomic", validate } };
}

function prefixed(issues: readonly VendorIssue[], key: PropertyKey): VendorIssue[] {
  return issues.map((issue) => ({ ...issue, message: issue.message, path: [key, ...(issue.path ?? [])] }));
}

async function validateAll(
  members: readonly (readonly [PropertyKey, AnySchema, unknown])[],
): Promise<{ values: unknown[]; issues: VendorIssue[] }> {
  const values: unknown[] = [];
  const issues: VendorIssue[] = [];
  for (const [key, schema, value] of members) {
    const result = await schema["~standard"].validate(value);
    if (result.issues) issues.push(...prefixed(result.issues, key));
    else values.push(result.value);
  }
  return { values, issues };
}

/** An object with exactly these slots, each validated by its schema. */
export function objectOf<const S extends Slots>(
  slots: S,
): Schema<{ -readonly [K in keyof S]: InferInput<S[K]> }, { -readonly [K in keyof S]: InferOutput<S[K]> }> {
  return make(async (value) => {
    if (typeof value !== "object" || value === null) return { issues: [{ message: "expected an object" }] };
    const given = value as Record<string, unknown>;
    const keys = Object.keys(slots);
    const done = await validateAll(keys.map((key) => [key, slots[key]!, given[key]] as const));
    if (done.issues.length > 0) return { issues: done.issues };
    return { value: Object.fromEntries(keys.map((key, i) => [key, done.values[i]])) as never };
  });
}

/** A value that each of the schemas accepts. */
export function intersectionOf<const S extends readonly AnySchema[]>(
  schemas: S,
): Schema<
  Unboxed<IntersectionOf<{ [K in keyof S]: { readonly box: InferInput<S[K]> } }[number]>>,
  Unboxed<IntersectionOf<{ [K in keyof S]: { readonly box: InferOutput<S[K]> } }[number]>>
> {
  return make(async (value) => {
    const merged: Record<string, unknown> = {};
    let last: unknown = value;
    for (const schema of schemas) {
      const result = await schema["~standard"].validate(value);
      if (result.issues) return { issues: result.issues };
      last = result.value;
      Object.assign(merged, result.value);
    }
    return { value: (typeof last === "object" && last !== null ? merged : last) as never };
  });
}

/** A value that one of the schemas accepts; the first that does parses it. */
export function unionOf<const S extends readonly AnySchema[]>(
  schemas: S,
): Schema<InferInput<S[number]>, InferOutput<S[number]>> {
  return make(async (value) => {
    const issues: VendorIssue[] = [];
    for (const schema of schemas) {
      const result = await schema["~standard"].validate(value);
      if (!result.issues) return { value: result.value as never };
      issues.push(...result.issues);
    }
    return { issues };
  });
}

/** An array whose items the schema accepts. */
export function arrayOf<S extends AnySchema>(item: S): Schema<readonly InferInput<S>[], InferOutput<S>[]> {
  return make(async (value) => {
    if (!Array.isArray(value)) return { issues: [{ message: "expected an array" }] };
    const done = await validateAll(value.map((entry, i) => [i, item, entry] as const));
    return done.issues.length > 0 ? { issues: done.issues } : { value: done.values as never };
  });
}

/** An array of exactly these items, in this order. */
export function tupleOf<const S extends readonly AnySchema[]>(
  items: S,
): Schema<{ readonly [K in keyof S]: InferInput<S[K]> }, { -readonly [K in keyof S]: InferOutput<S[K]> }> {
  return make(async (value) => {
    if (!Array.isArray(value) || value.length !== items.length)
      return { issues: [{ message: `expected an array of ${items.length}` }] };
    const done = await validateAll(items.map((schema, i) => [i, schema, value[i]] as const));
    return done.issues.length > 0 ? { issues: done.issues } : { value: done.values as never };
  });
}

/** Accepts every value and hands it on as it is. */
export function anything(): Schema<unknown, unknown> {
  return make((value) => ({ value }));
}
