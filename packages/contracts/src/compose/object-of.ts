import type { AnySchema, InferInput, InferOutput, Schema, VendorIssue } from "../schema.ts";
import { compose } from "./compose.ts";
import { andThen, issue, type Task, validateAll } from "./validate.ts";

/**
 * An object with exactly these slots, each validated by its schema. Every slot must be there, as an own key, even where
 * its schema would take `undefined`; keys that are no slot are dropped. Issues of all slots come together, their paths
 * beginning with the slot. Asynchronous where a member is.
 *
 * @example
 * ```ts
 * import { objectOf } from "@atomic-agents/contracts";
 * import { type } from "arktype";
 * import * as z from "zod";
 *
 * const Both = objectOf({ text: z.string(), mood: type("'good' | 'bad'") });
 * Both["~standard"].validate({ text: "a", mood: "good" }); // => { value: { text: "a", mood: "good" } }
 * ```
 */
export function objectOf<const S extends Readonly<Record<string, AnySchema>>>(
  slots: S,
): Schema<{ -readonly [K in keyof S]: InferInput<S[K]> }, { -readonly [K in keyof S]: InferOutput<S[K]> }> {
  type Output = { -readonly [K in keyof S]: InferOutput<S[K]> };
  const entries = Object.entries(slots);
  return compose({ kind: "object", slots: new Map(entries) }, (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return { issues: [issue("must be an object", "object")] };
    }
    // What is an object and no array can be asked for any key.
    const given = value as Readonly<Record<string, unknown>>;
    const tasks: Task[] = [];
    const missing: VendorIssue[] = [];
    for (const [key, schema] of entries) {
      if (Object.hasOwn(given, key)) tasks.push({ key, schema, value: given[key] });
      else missing.push(issue("must be there", "a value", [key]));
    }
    const answer = validateAll<Output>(tasks, (values) => ({
      // `fromEntries` defines keys rather than setting them: a slot `__proto__` is a key like any other. This counts
      // where nothing is missing: then there is a value for each slot, of the type its schema hands on.
      value: Object.fromEntries(tasks.map(({ key }, index) => [key, values[index]])) as Output,
    }));
    if (missing.length === 0) return answer;
    return andThen(answer, (result) => ({ issues: [...missing, ...(result.issues ?? [])] }));
  });
}
