import type { AnySchema, InferInput, InferOutput, Schema } from "../schema.ts";
import { compose } from "./compose.ts";
import { issue, type Task, validateAll } from "./validate.ts";

/**
 * An array of any length whose items the schema takes. Gives a new array; the paths of issues begin with the index.
 * Asynchronous where the item's schema is: then all items are validated at the same time.
 *
 * @example
 * ```ts
 * import { arrayOf } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * arrayOf(z.string().trim())["~standard"].validate([" a", "b "]); // => { value: [ "a", "b" ] }
 * ```
 */
export function arrayOf<S extends AnySchema>(item: S): Schema<readonly InferInput<S>[], InferOutput<S>[]> {
  return compose({ kind: "array", item }, (value) => {
    if (!Array.isArray(value)) return { issues: [issue("must be an array", "array")] };
    // `Array.from` visits the holes of a sparse array, too.
    const tasks = Array.from<unknown, Task>(value, (entry, key) => ({ key, schema: item, value: entry }));
    // Every value was handed on by the item's schema.
    return validateAll(tasks, (values) => ({ value: values as InferOutput<S>[] }));
  });
}
