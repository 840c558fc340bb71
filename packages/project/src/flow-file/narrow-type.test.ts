import type { JsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { narrowType } from "./narrow-type.ts";

const text: JsonSchema = { type: "string" };

describe("the type of records that a schema has taken", () => {
  it("keeps what the schema does not say", () => {
    const known: JsonSchema = {
      type: "object",
      properties: { a: text, b: text, c: text },
      required: ["a", "b"],
      additionalProperties: false,
    };
    expect(
      narrowType(known, {
        properties: { a: { pattern: "^x" }, b: true, d: { type: "number" } },
        required: ["c"],
      }),
    ).toEqual({
      type: "object",
      properties: { a: { type: "string", pattern: "^x" }, b: text, c: text, d: { type: "number" } },
      required: ["a", "b", "c"],
      additionalProperties: false,
    });
    const closed = {
      type: "object",
      properties: { a: { enum: ["x"] } },
      additionalProperties: false,
    } as const;
    expect(narrowType(known, closed)).toEqual({ ...closed, required: ["a"] });
  });

  it("is left alone where it cannot be told", () => {
    expect(narrowType({ type: "array" }, {})).toBeUndefined();
    expect(narrowType({ type: "object" }, { type: ["object", "null"] })).toBeUndefined();
    expect(narrowType({ type: "object", properties: { a: { $ref: "#/$defs/a" } } }, {})).toBeUndefined();
    expect(narrowType({ type: "object" }, { patternProperties: { x: text } })).toBeUndefined();
  });

  it("has each record that both have", () => {
    const value = fc.oneof(fc.constantFrom("", "x", "xy"), fc.constantFrom(0, 1), fc.constant(null));
    const record = fc.dictionary(fc.constantFrom("a", "b", "c"), value);
    const part = fc.constantFrom<JsonSchema | boolean>(
      text,
      true,
      {},
      { type: "number" },
      { minLength: 1 },
      { minimum: 1 },
      { enum: ["x", 1] },
      { anyOf: [text, { type: "null" }] },
    );
    const schema = fc.record(
      {
        type: fc.constant("object" as const),
        properties: fc.dictionary(fc.constantFrom("a", "b", "c"), part),
        required: fc.uniqueArray(fc.constantFrom("a", "b", "c")),
        additionalProperties: fc.constantFrom<JsonSchema | boolean>(true, false, text),
      },
      { requiredKeys: ["type"] },
    );
    const takes = (document: JsonSchema, each: unknown) => {
      const answer = fromJsonSchema(document)["~standard"].validate(each);
      return !(answer instanceof Promise) && answer.issues === undefined;
    };
    let both = 0;
    fc.assert(
      fc.property(
        schema,
        schema,
        fc.array(record, { minLength: 5, maxLength: 10 }),
        (known, taken, records) => {
          const narrowed = narrowType(known, taken);
          for (const each of records) {
            if (!takes(known, each) || !takes(taken, each)) continue;
            both++;
            expect([each, narrowed !== undefined && takes(narrowed, each)]).toEqual([each, true]);
          }
        },
      ),
    );
    // Otherwise the law was never put to the test.
    expect(both).toBeGreaterThan(20);
  });
});
