import type { AnyAgent } from "@atomic-agents/core";

/** Any Standard Schema. */
export type AnySchema = AnyAgent["input"];

/** What may be given to a schema, before it is parsed. */
export type SchemaInput<TSchema extends AnySchema> = NonNullable<TSchema["~standard"]["types"]>["input"];

/** What comes out of a schema. */
export type SchemaOutput<TSchema extends AnySchema> = NonNullable<TSchema["~standard"]["types"]>["output"];
