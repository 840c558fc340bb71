import { joinKey } from "../path.ts";
import type { AnySchema, InferInput, InferOutput, Schema } from "../schema.ts";
import { compose } from "./compose.ts";
import { issue, type Task, validateAll } from "./validate.ts";

type Intersect<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer I) => void
  ? I
  : never;

/** Each member's type in a box, so that intersecting takes no union inside a member apart. */
type Unbox<T> = T extends { readonly box: infer V } ? V : never;

type IntersectInputs<S extends readonly AnySchema[]> = Unbox<
  Intersect<{ [K in keyof S]: { readonly box: InferInput<S[K]> } }[number]>
>;
type IntersectOutputs<S extends readonly AnySchema[]> = Unbox<
  Intersect<{ [K in keyof S]: { readonly box: InferOutput<S[K]> } }[number]>
>;

/** Two results that cannot both be. */
class Conflict {
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[]) {
    this.path = path;
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function mergeObjects(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
): unknown {
  const merged = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const both = merged.has(key) ? merge(merged.get(key), value, [...path, key]) : value;
    if (both instanceof Conflict) return both;
    merged.set(key, both);
  }
  return Object.fromEntries(merged);
}

function mergeArrays(a: readonly unknown[], b: readonly unknown[], path: readonly PropertyKey[]): unknown {
  if (a.length !== b.length) return new Conflict(path);
  const merged: unknown[] = [];
  for (let index = 0; index < a.length; index += 1) {
    const both = merge(a[index], b[index], [...path, index]);
    if (both instanceof Conflict) return both;
    merged.push(both);
  }
  return merged;
}

/** One value for two results: the same, or objects and arrays of which every shared part is. */
function merge(a: unknown, b: unknown, path: readonly PropertyKey[]): unknown {
  if (Object.is(a, b)) return a;
  if (a instanceof Date && b instanceof Date && a.getTime() === b.getTime()) return a;
  if (Array.isArray(a) && Array.isArray(b)) return mergeArrays(a, b, path);
  if (isPlainObject(a) && isPlainObject(b)) return mergeObjects(a, b, path);
  return new Conflict(path);
}

/**
 * A value that every one of the schemas takes. Each is given the whole value; their results are merged, objects key by
 * key and arrays item by item. Where two of them hand on different values for the same place, that is an issue there.
 * Asynchronous where a member is.
 *
 * @example
 * ```ts
 * import { intersectionOf } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const Both = intersectionOf([z.object({ text: z.string() }), z.object({ lang: z.string() })]);
 * Both["~standard"].validate({ text: "a", lang: "en" }); // => { value: { text: "a", lang: "en" } }
 * ```
 */
export function intersectionOf<const S extends readonly AnySchema[]>(
  schemas: S,
): Schema<IntersectInputs<S>, IntersectOutputs<S>> {
  const members = [...new Set(schemas)];
  const [only] = members;
  // A value that one schema takes several times over is what it takes once; its types are those of that member.
  if (only !== undefined && members.length === 1)
    return only as Schema<IntersectInputs<S>, IntersectOutputs<S>>;

  return compose({ kind: "intersection", members }, (value) => {
    const tasks = members.map((schema): Task => ({ schema, value }));
    return validateAll<IntersectOutputs<S>>(tasks, (values) => {
      let merged = values.length > 0 ? values[0] : value;
      for (const other of values.slice(1)) {
        merged = merge(merged, other, []);
        if (!(merged instanceof Conflict)) continue;
        const where = merged.path.reduce<string>(joinKey, "") || "the value";
        const expected = "the same result of every schema of the intersection";
        return { issues: [issue(`schemas disagree on what ${where} becomes`, expected, merged.path)] };
      }
      // Merged from the output of every member, it is of all their types.
      return { value: merged as IntersectOutputs<S> };
    });
  });
}
