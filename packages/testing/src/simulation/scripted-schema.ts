import type { AnyAgent } from "@atomic-agents/core";

/** A schema that takes everything but the word BAD; one that answers later if asked to. */
export function scriptedSchema(isAsync: boolean): AnyAgent["input"] {
  const check = (value: unknown) =>
    value === "BAD" ? { issues: [{ message: "must not be BAD" }] } : { value };
  return {
    "~standard": {
      version: 1,
      vendor: "simulation",
      validate: isAsync ? (value: unknown) => Promise.resolve().then(() => check(value)) : check,
    },
  };
}
