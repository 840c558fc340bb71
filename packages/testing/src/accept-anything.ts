import type { AnySchema } from "./schema-types.ts";

/** A schema that takes every value as it is. */
export const acceptAnything: AnySchema = Object.freeze({
  "~standard": Object.freeze({
    version: 1,
    vendor: "atomic-testing",
    validate: (value: unknown) => ({ value }),
    jsonSchema: Object.freeze({ input: () => ({}), output: () => ({}) }),
  }),
} as const);
