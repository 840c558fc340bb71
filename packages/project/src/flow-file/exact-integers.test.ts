import type { JsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { describe, expect, it } from "vitest";
import { withExactIntegers } from "./exact-integers.ts";

const takes = (schema: JsonSchema, value: unknown): boolean => {
  const answer = fromJsonSchema(withExactIntegers(schema))["~standard"].validate(value);
  return !("then" in answer) && answer.issues === undefined;
};
const large = 2 ** 53;

describe("withExactIntegers", () => {
  it.each([
    [{ type: "integer" }, large, false],
    [{ type: "integer" }, large - 1, true],
    [{ type: ["integer", "null"] }, null, true],
    [{ type: ["integer", "null"] }, -large, false],
    [{ type: "number" }, large, true],
    [{ type: ["integer", "number"] }, large, true],
    [{ type: "integer", minimum: 0 }, large, true],
    [{ type: "integer", enum: [large] }, large, true],
    [{ properties: { a: { items: { type: "integer" } } } }, { a: [1, large] }, false],
    [{ anyOf: [{ type: "integer" }, { type: "string" }] }, large, false],
    [
      { $defs: { id: { type: "integer" } }, properties: { id: { $ref: "#/$defs/id" } } },
      { id: large },
      false,
    ],
    [{ properties: { type: { const: "integer" } } }, { type: "integer" }, true],
    // What is not to be must not become less.
    [{ not: { type: "integer" } }, large, false],
    [{ if: { type: "integer" }, then: { minimum: 5 } }, large, true],
    [{ const: { type: "integer" } }, { type: "integer" }, true],
  ])("%j takes %j: %j", (schema, value, answer) => {
    expect(takes(schema, value)).toBe(answer);
  });
});
