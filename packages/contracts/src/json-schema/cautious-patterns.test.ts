import { describe, expect, it } from "vitest";
import type { JsonSchema } from "../json-schema.ts";
import { cautiousRegExp, fromJsonSchema, withCautiousPatterns } from "./index.ts";

const slow = "^(a+)+$";
const long = `${"a".repeat(60)}!`;

function takes(schema: JsonSchema | boolean, value: unknown): boolean {
  const cautious = fromJsonSchema(withCautiousPatterns(schema), { regExp: cautiousRegExp });
  const result = cautious["~standard"].validate(value);
  if (result instanceof Promise) throw new Error("unreachable: Ajv does not wait");
  return result.issues === undefined;
}

describe("patterns of schemas that nobody trusts", () => {
  it("are tried where that is quick", () => {
    const schema = { type: "object", properties: { a: { type: "string", pattern: "^[a-z]+$" } } };
    expect(withCautiousPatterns(schema)).toBe(schema);
    expect(takes(schema, { a: "abc" })).toBe(true);
    expect(takes(schema, { a: "ABC" })).toBe(false);
    expect(takes({ not: { pattern: "^x" } }, "xa")).toBe(false);
    expect(
      takes({ patternProperties: { "^x-": { type: "string" } }, additionalProperties: false }, { y: 1 }),
    ).toBe(false);
    expect(takes(false, 1)).toBe(false);
  });

  it("are not where it might take long, and what else the schema says still counts", () => {
    const schema = { type: "string", pattern: slow, maxLength: 70 };
    expect(takes(schema, long)).toBe(true);
    expect(takes(schema, 5)).toBe(false);
    expect(takes(schema, "a".repeat(71))).toBe(false);
  });

  it("are not where there is as much to choose from in a short text", () => {
    const choices = `^${"a?".repeat(24)}${"a".repeat(24)}$`;
    expect(takes({ pattern: choices }, "b")).toBe(true);
    expect(takes({ not: { pattern: choices } }, "b")).toBe(true);
  });

  const reference = { $ref: "#/$defs/slow" };
  const $defs = { slow: { pattern: slow } };
  const turned: readonly (readonly [string, JsonSchema, unknown])[] = [
    ["not", { not: { pattern: slow } }, long],
    ["not, by a reference", { not: reference, $defs }, long],
    ["oneOf", { oneOf: [{ pattern: slow }, { minLength: 3 }] }, long],
    [
      "oneOf beside anyOf",
      { anyOf: [{ type: "string" }], oneOf: [reference, { minLength: 3 }], $defs },
      long,
    ],
    ["if", { if: { pattern: slow }, then: { const: 1 }, else: { minLength: 3 } }, long],
    ["contains", { contains: { pattern: slow }, maxContains: 0, minContains: 0 }, [long]],
    [
      "unevaluatedItems",
      { contains: { pattern: "^!" }, unevaluatedItems: false, not: reference, $defs },
      ["!"],
    ],
    ["patternProperties", { patternProperties: { [slow]: { type: "string" } } }, { [long]: 1 }],
    [
      "additionalProperties",
      { patternProperties: { [slow]: { type: "string" }, "^x-": {} }, additionalProperties: false },
      { [long]: 1, aa: "a", "x-a": 1 },
    ],
    ["unevaluatedProperties", { patternProperties: { [slow]: {} }, unevaluatedProperties: false }, { aa: 1 }],
    ["a property's schema", { properties: { a: { not: { pattern: slow } } } }, { a: long }],
    ["names", { propertyNames: { not: { pattern: slow } } }, { [long]: 1 }],
    ["what stands where no schema does", { $ref: "#/odd/slow", odd: $defs }, long],
  ];
  it.each(turned)("refuse nothing that the schema takes, under %s", (_, schema, value) => {
    expect(takes(schema, value)).toBe(true);
  });

  it("keep what is quick beside them", () => {
    const schema = { not: { pattern: slow }, patternProperties: { "^x-": { type: "string" }, [slow]: {} } };
    expect(withCautiousPatterns(schema)).toEqual({ patternProperties: { "^x-": { type: "string" } } });
  });

  it("refuse what is no pattern", () => {
    expect(() => cautiousRegExp("(")).toThrow(SyntaxError);
  });
});
