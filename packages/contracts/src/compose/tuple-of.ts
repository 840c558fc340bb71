import type { AnySchema, InferInput, InferOutput, Schema } from "../schema.ts";
import { compose } from "./compose.ts";
import { issue, type Task, validateAll } from "./validate.ts";

/**
 * An array of exactly as many items as there are schemas, each validated by its own, in order. The paths of issues
 * begin with the index. Asynchronous where a member is.
 *
 * @example
 * ```ts
 * import { tupleOf } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * tupleOf([z.string(), z.int()])["~standard"].validate(["a", 1]); // => { value: [ "a", 1 ] }
 * ```
 */
export function tupleOf<const S extends readonly AnySchema[]>(
  items: S,
): Schema<{ readonly [K in keyof S]: InferInput<S[K]> }, { -readonly [K in keyof S]: InferOutput<S[K]> }> {
  type Output = { -readonly [K in keyof S]: InferOutput<S[K]> };
  const members = [...items];
  const expected = `array of ${members.length}`;
  return compose({ kind: "tuple", members }, (value) => {
    if (!Array.isArray(value) || value.length !== members.length) {
      return { issues: [issue(`must be an ${expected}`, expected)] };
    }
    const tasks = members.map((schema, key): Task => ({ key, schema, value: value[key] }));
    // There is one value for each member, of the type its schema hands on.
    return validateAll(tasks, (values) => ({ value: values as unknown as Output }));
  });
}
