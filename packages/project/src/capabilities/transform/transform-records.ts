import { type AnySchema, anything, toJsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { type Agent, defineAgent } from "@atomic-agents/core";
import { ExpressionError } from "../../expressions/expression-error.ts";
import { evaluationFailure } from "../../flow-file/record-expression.ts";
import { pathText } from "../../schemas/show.ts";
import { checkKeys, optionError, wordError } from "../check-options.ts";
import { requireOptions } from "../option-problem.ts";
import { castTypes } from "./cast-value.ts";
import { compileTransform } from "./compile-transform.ts";
import { type TransformOptions, transformSteps } from "./transform-options.ts";

/** How an agent is called, and what it takes. */
export interface TransformAgentOptions extends TransformOptions {
  /** `transform` unless said. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** What the records are; what it gives is worked out from it. */
  readonly input?: AnySchema | undefined;
}

/**
 * An agent that changes the keys of records: `flatten`, `rename`, `cast`, `derive`, `pick`, `drop`, `nest`, in this order
 * whatever the order in which they are written. Its output schema is worked out from `input`. A record with which a step
 * fails ends as `EXECUTION`; the message names the key and never tells a value.
 *
 * @throws AtomicError `CONFIG` for wrong options, and fields that `input` has not; `ExpressionError` for a wrong expression
 * @example
 * ```ts
 * const total = transformRecords({
 *   rename: { qty: "count" },
 *   cast: { count: "integer", price: "number" },
 *   derive: { total: "round(record.count * record.price, 2)" },
 *   drop: ["price"],
 * });
 * console.log(await total.run({ qty: "3", price: "1.10" })); // => { count: 3, total: 3.3 }
 * ```
 */
export function transformRecords(
  options: TransformAgentOptions,
): Agent<unknown, Readonly<Record<string, unknown>>> {
  const what = "transformRecords";
  checkKeys(what, options, [...transformSteps, "name", "description", "input"]);
  const { name = "transform", description = "Changes the keys of records.", input, ...steps } = options;
  checkSteps(what, steps);
  const compiled = compileTransform(steps, input === undefined ? undefined : toJsonSchema(input, "output"));
  requireOptions(what, compiled.problems);
  if (compiled.deriveError !== undefined) throw derivationError(what, compiled.deriveError);
  return defineAgent({
    name,
    description,
    capabilities: ["data-transformation"],
    input: input ?? anything(),
    output: fromJsonSchema<Readonly<Record<string, unknown>>>(compiled.type),
    execute: (record) => {
      try {
        return compiled.apply(record);
      } catch (thrown) {
        throw evaluationFailure("transform", thrown);
      }
    },
  });
}

/** The same error, which says of which key it is. */
function derivationError(what: string, error: ExpressionError): ExpressionError {
  const { phase, source, offset, length, hint, path, more, cause } = error;
  const message = `${what}: ${pathText(["derive", ...path])}: ${error.message}`;
  return new ExpressionError({ message, phase, source, offset, length, hint, path, more, cause });
}

/** The kinds of values that steps are written with; files are checked by their schema. */
function checkSteps(what: string, { flatten, pick, drop, ...objects }: TransformOptions): void {
  const isTexts = (value: unknown): boolean =>
    Array.isArray(value) && value.every((key) => typeof key === "string");
  for (const [step, keys] of Object.entries({ pick, drop })) {
    if (keys !== undefined && !isTexts(keys)) throw optionError(what, step, "a list of keys", keys);
  }
  for (const [step, value] of Object.entries(objects)) {
    if (value !== undefined && (typeof value !== "object" || value === null || Array.isArray(value))) {
      throw optionError(what, step, "an object", value);
    }
  }
  for (const [key, name] of Object.entries(objects.rename ?? {})) {
    if (typeof name !== "string" || name === "") throw optionError(what, `rename.${key}`, "a name", name);
  }
  for (const [key, given] of Object.entries(objects.nest ?? {})) {
    const keys = Array.isArray(given)
      ? given
      : typeof given === "object" && given !== null
        ? Object.values(given)
        : [undefined];
    if (!isTexts(keys)) throw optionError(what, `nest.${key}`, "a list of keys, or keys by names", given);
  }
  for (const [key, given] of Object.entries(objects.cast ?? {})) {
    const path = `cast.${key}`;
    const isObject = typeof given === "object" && given !== null;
    if (isObject) checkKeys(`${what}: ${path}`, given, ["to", "otherwise", "format", "zone"]);
    else if (typeof given !== "string") throw optionError(what, path, "a type", given);
    const [to, at] = isObject ? [given.to, `${path}.to`] : [given, path];
    if (!castTypes.includes(to)) throw wordError(what, at, castTypes, to);
  }
  if (flatten === undefined || flatten === true || isTexts(flatten)) return;
  checkKeys(`${what}: flatten`, flatten, ["keys", "separator"]);
  const { keys, separator } = flatten as { readonly keys?: unknown; readonly separator?: unknown };
  if (keys !== undefined && !isTexts(keys)) throw optionError(what, "flatten.keys", "a list of keys", keys);
  if (separator !== undefined && typeof separator !== "string") {
    throw optionError(what, "flatten.separator", "a text", separator);
  }
}
