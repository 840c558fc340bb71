import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { JsonSchema } from "../json-schema.ts";
import type { Schema, Validated } from "../schema.ts";
import { ContractError } from "../errors.ts";
import { type JsonSchemaIssue, toIssues } from "./ajv-issues.ts";
import { checkDialect, type Compiled, compile } from "./compile.ts";
import { type PatternEngine, PatternFailure } from "./pattern-engine.ts";
import { toPlainJson } from "./plain-json.ts";

/** How a JSON Schema is to be taken. */
export interface FromJsonSchemaOptions {
  /**
   * What becomes of `format`: `assert` checks it and needs the package `ajv-formats`, `annotate` does not check it.
   * Without either, it is checked where `ajv-formats` is installed.
   */
  readonly formats?: "assert" | "annotate";
  /** When the schema is looked at: with the first value (`lazy`, the default), or `now`, so that a fault is seen at once. */
  readonly compile?: "lazy" | "now";
  /**
   * What reads `pattern` and the keys of `patternProperties`: `RegExp` with the flag `u` when absent. That may take time
   * that grows exponentially with a text, as for `^(a+)+$`: give another one where neither schema nor values are trusted.
   */
  readonly regExp?: PatternEngine;
}

function tooDeep(): JsonSchemaIssue {
  return {
    message: "is nested too deeply, or contains itself",
    expected: "a value of limited depth",
    path: [],
    keyword: "$ref",
    params: {},
  };
}

function patternIssue({ message, pattern }: PatternFailure): JsonSchemaIssue {
  return { message, expected: message, path: [], keyword: "pattern", params: { pattern } };
}

/**
 * Makes a schema of a JSON Schema of draft 2020-12, validated by Ajv (an optional peer: `npm install ajv ajv-formats`).
 * `T` is what you say it is: nothing checks that it fits the schema.
 *
 * The value that passes is handed on as it is, the very same object: no defaults are filled in, nothing is coerced and
 * no key is dropped. Only own keys count, and a key `__proto__` is one like any other. `minLength` and `maxLength`
 * count code points, as Zod does, so that "👍" has the length 1 (in ArkType and Valibot it has 2). Patterns are read with the flag `u`. Keywords and
 * formats that are not known are annotations. The schema is copied, and compiled once.
 *
 * @throws ContractError `BAD_SCHEMA` with the place, where the schema is not JSON or of another draft; where it is
 * faulty otherwise, or Ajv is not installed (`MISSING_PEER`), on the first validation, or at once with
 * `compile: "now"`.
 *
 * @example
 * ```ts
 * import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
 *
 * const Person = fromJsonSchema<{ name: string }>({
 *   type: "object",
 *   properties: { name: { type: "string", minLength: 1 } },
 *   required: ["name"],
 * });
 * Person["~standard"].validate({ name: "Ada" }); // => { value: { name: "Ada" } }
 * ```
 */
export function fromJsonSchema<T = unknown>(
  schema: JsonSchema | boolean,
  options: FromJsonSchemaOptions = {},
): Schema<T, T> {
  // What is made of plain JSON only, and was given as a JSON Schema, is an object or a boolean.
  const document = toPlainJson(schema) as JsonSchema | boolean;
  if (
    typeof document !== "boolean" &&
    (typeof document !== "object" || document === null || Array.isArray(document))
  ) {
    throw new ContractError({
      code: "BAD_SCHEMA",
      message: "The JSON Schema is neither an object nor a boolean.",
      hint: `Give an object, such as { type: "string" }.`,
      path: "#",
      vendor: "json-schema",
    });
  }
  checkDialect(document);

  let compiled: Compiled | undefined;
  const getCompiled = (): Compiled => {
    compiled ??= compile(document, options.formats ?? "assert-if-installed", options.regExp);
    return compiled;
  };
  if (options.compile === "now") getCompiled();

  const validate = (value: unknown): Validated<T> => {
    const { check, forget } = getCompiled();
    let isValid: boolean;
    try {
      isValid = check(value);
    } catch (error) {
      // A schema that refers to itself follows a value that contains itself until the stack is used up.
      if (error instanceof RangeError) return { issues: [tooDeep()] };
      if (error instanceof PatternFailure) return { issues: [patternIssue(error)] };
      throw error;
    } finally {
      forget();
    }
    // The author of the schema says that what it accepts is a T.
    return isValid ? { value: value as T } : { issues: toIssues(check.errors ?? [], value) };
  };
  // A copy: whoever describes an agent may do with the description what they like.
  const toDocument = (): JsonSchema =>
    typeof document === "object" ? structuredClone(document) : document ? {} : { not: {} };
  const standard: StandardSchemaV1.Props<T, T> & StandardJSONSchemaV1.Props<T, T> = {
    version: 1,
    vendor: "json-schema",
    validate,
    jsonSchema: { input: toDocument, output: toDocument },
  };
  const result: Schema<T, T> & { readonly "~jsonSchema": JsonSchema | boolean } = {
    "~jsonSchema": document,
    "~standard": standard,
  };
  return result;
}
