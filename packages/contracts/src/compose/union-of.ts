import type { AnySchema, InferInput, InferOutput, Schema, Validated, VendorIssue } from "../schema.ts";
import { compose, type Eventually } from "./compose.ts";
import { validatorOf } from "../validator.ts";
import { andThen, issue, nestIssues } from "./validate.ts";

/**
 * A value that one of the schemas takes: the first that does hands it on. Where none does, the issues of all of them
 * come together. Members are asked one after the other, so an asynchronous one delays those behind it.
 *
 * @example
 * ```ts
 * import { unionOf } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * unionOf([z.int(), z.string().trim()])["~standard"].validate(" a "); // => { value: "a" }
 * ```
 */
export function unionOf<const S extends readonly AnySchema[]>(
  schemas: S,
): Schema<InferInput<S[number]>, InferOutput<S[number]>> {
  type Output = InferOutput<S[number]>;
  const members = [...new Set(schemas)];
  const [only] = members;
  // A union of one is that one.
  if (only !== undefined && members.length === 1) return only;

  const ask = (
    value: unknown,
    index: number,
    issues: readonly VendorIssue[],
  ): Eventually<Validated<Output>> => {
    const member = members[index];
    if (member === undefined) {
      return { issues: issues.length > 0 ? issues : [issue("fits no schema: there is none", "nothing")] };
    }
    return andThen(validatorOf(member).validate(value), (result) =>
      result.issues
        ? ask(value, index + 1, [...issues, ...nestIssues(result.issues, undefined)])
        : // What a member hands on is of its output type, a part of the union.
          { value: result.value as Output },
    );
  };
  return compose({ kind: "union", members }, (value) => ask(value, 0, []));
}
