import { type AnySchema, ContractError, type JsonSchema, toJsonSchema } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import { type Dialect, dialectOf } from "./provider-dialect.ts";

/** In what shape a model is asked to answer. */
export type AnswerShape =
  | { readonly kind: "text"; readonly limits: string | undefined }
  | { readonly kind: "json"; readonly dialect: Dialect; readonly description: string | undefined };

/** What a text may have in its schema and be plain text all the same. */
const textKeywords = new Set([
  "$schema",
  "type",
  "description",
  "title",
  "minLength",
  "maxLength",
  "default",
]);

/** The shape of the answers of an output schema. @throws AtomicError `CONFIG` where it is no JSON */
export function answerShapeOf(what: string, output: AnySchema): AnswerShape {
  const document = jsonSchemaOf(what, "output", output);
  const { description } = document;
  if (document.type === "string" && Object.keys(document).every((key) => textKeywords.has(key))) {
    return { kind: "text", limits: limitsOf(document) };
  }
  return { kind: "json", dialect: dialectOf(document), description };
}

/** The schema of what one side of an agent takes. @throws AtomicError `CONFIG` where it is no JSON */
export function jsonSchemaOf(what: string, side: "input" | "output", schema: AnySchema): JsonSchema {
  try {
    // What a model writes is what the schema takes, not what it makes of it.
    return toJsonSchema(schema, "input");
  } catch (thrown) {
    if (!ContractError.isInstance(thrown)) throw thrown;
    throw new AtomicError("CONFIG", `${what}: ${side} must be a schema of JSON: ${thrown.message}`, {
      details: { path: side, expected: "a schema of JSON", got: thrown.code },
      hint: thrown.hint,
      cause: thrown,
    });
  }
}

function limitsOf({ description, minLength, maxLength }: JsonSchema): string | undefined {
  const parts = [
    ...(description === undefined ? [] : [description]),
    ...(typeof minLength === "number" ? [`At least ${minLength} characters.`] : []),
    ...(typeof maxLength === "number" ? [`At most ${maxLength} characters.`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(" ");
}
