import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { type Composed, type Composition } from "../composed.ts";
import { ContractError } from "../errors.ts";
import type { Io, JsonSchema } from "../json-schema.ts";
import type { AnySchema, Schema, Validated } from "../schema.ts";
import { toJsonSchema } from "../to-json-schema.ts";

/** An answer, or a promise of it. */
export type Eventually<T> = T | Promise<T>;

function toStandardJsonSchema(schema: AnySchema, io: Io, target: string): JsonSchema {
  if (target !== "draft-2020-12") {
    throw new ContractError({
      code: "NOT_JSON",
      vendor: "atomic",
      message: `A composed schema has no JSON Schema of the draft ${target}.`,
      hint: `Ask for "draft-2020-12".`,
    });
  }
  return toJsonSchema(schema, io);
}

/** A schema of ours: what it is composed of, how it validates, and, made from the former, its JSON Schema. */
export function compose<TInput, TOutput>(
  composition: Composition,
  validate: (value: unknown) => Eventually<Validated<TOutput>>,
): Schema<TInput, TOutput> {
  const standard: StandardSchemaV1.Props<TInput, TOutput> & StandardJSONSchemaV1.Props<TInput, TOutput> = {
    version: 1,
    vendor: "atomic",
    validate,
    jsonSchema: {
      input: ({ target }) => toStandardJsonSchema(schema, "input", target),
      output: ({ target }) => toStandardJsonSchema(schema, "output", target),
    },
  };
  const schema: Schema<TInput, TOutput> & Composed = { "~composition": composition, "~standard": standard };
  return schema;
}
