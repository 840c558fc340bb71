import type { JsonSchema } from "@atomic-agents/contracts";
import { describe, expect, it } from "vitest";
import { compileExpression } from "./compile-expression.ts";
import { ExpressionError } from "./expression-error.ts";

const Line: JsonSchema = {
  type: "object",
  properties: { name: { type: "string" }, price: { type: "number" }, count: { type: "integer" } },
  required: ["name", "price"],
};

const Ticket: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "integer" },
    subject: { type: "string" },
    label: { enum: ["positive", "negative"] },
    score: { type: "number", minimum: 0, maximum: 1 },
    rating: { type: ["number", "null"] },
    isOpen: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    lines: { type: "array", items: Line },
    address: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    note: { type: "string" },
  },
  required: ["id", "subject", "label", "score", "rating", "isOpen", "tags", "lines", "address"],
};

function warningsOf(source: string): readonly string[] {
  const { warnings } = compileExpression(source, { variables: { record: Ticket } });
  return warnings.map(({ message, hint }) => (hint === undefined ? message : `${message}: ${hint}`));
}

describe("what may fail with some data is told", () => {
  it.each<[string, readonly string[]]>([
    [
      "record.note",
      ['record.note may be missing: write get(record, "note", otherwise), or ask has(record.note) before'],
    ],
    ["record.note + record.note", ["record.note may be missing"]],
    [
      "record.lines[0].count",
      ["record.lines[0].count may be missing: read it by get(…), or ask has(…) before"],
    ],
    [
      "record.rating > 3",
      ['record.rating may be null, and ">" takes a number: write get(record, "rating", otherwise)'],
    ],
    [
      "record.label == 'positve'",
      ['this is never true: record.label is none of these values: did you mean "positive"?'],
    ],
    [
      "record.label != 'other'",
      ['this is always true: record.label is none of these values: it is one of "positive", "negative"'],
    ],
    ["record.id == null", ["this is never true: record.id is never null"]],
    ["has(record.adress.city)", ["the schema has no field adress: did you mean address?"]],
    ["get(record, 'adress.city', '')", ["the schema has no field adress: did you mean address?"]],
    [
      "get(record, 'address.city.x', 1)",
      ["there is nothing under x, so that this always gives the other value"],
    ],
    [
      "number(record.rating)",
      ["record.rating may be null, and number takes a number or a text: or say what to give otherwise"],
    ],
    ["lower(record.isOpen ? record.subject : record.id)", ["may be a whole number, and lower takes a text"]],
    // asked before
    ["has(record.note) ? record.note : ''", []],
    ["has(record.note) && size(record.note) > 3", []],
    ["!has(record.note) || size(record.note) > 3", []],
    ["!(has(record.note) && record.isOpen) ? 0 : size(record.note)", []],
    ["'note' in record && record.note == ''", []],
    ["record.rating != null && record.rating > 3", []],
    ["record.rating == null || record.rating > 3", []],
    ["null == record.rating ? 0 : record.rating + 1", []],
    ["type(record.rating) != 'number' ? 0 : record.rating + 1", []],
    ["record.lines.filter(x, has(x.count) && x.count > 1)", []],
    ["record.lines.map(x, has(x.count), x.count)", []],
    ["get(record, 'note', '')", []],
    ["number(record.rating, 0)", []],
    // not asked before, or of something else
    ["has(record.note) || size(record.note) > 3", ["record.note may be missing"]],
    ["has(record.note) ? 0 : size(record.note)", ["record.note may be missing"]],
    [
      "record.lines.exists(x, has(x.count)) ? record.lines[0].count : 0",
      ["record.lines[0].count may be missing"],
    ],
  ])("%s", (source, expected) => {
    const warnings = warningsOf(source);
    expect(warnings).toHaveLength(expected.length);
    expected.forEach((text, index) => expect(warnings[index]).toContain(text));
  });

  it("a warning has its place", () => {
    const source = "1 + record.rating";
    const [warning] = compileExpression(source, { variables: { record: Ticket } }).warnings;
    expect(warning).toMatchObject({ offset: 4, length: 13, path: [] });
  });

  it("a field that the schema does not list", () => {
    const listed: JsonSchema = { type: "object", properties: { first: { type: "number" } } };
    const check = (source: string, record: JsonSchema): unknown => {
      try {
        return compileExpression(source, { variables: { record } }).warnings.length;
      } catch (error) {
        return ExpressionError.isInstance(error) ? error.hint : error;
      }
    };
    expect(check("record.b", listed)).toContain('is read by get(record, "b", otherwise)');
    expect(check("get(record, 'b', 0)", listed)).toBe(0);
    expect(check("has(record.b) ? record.b : 0", listed)).toBe(0);
    expect(check("record.b", { ...listed, additionalProperties: true })).toBe(0);
    expect(check("record.b + 1", { ...listed, additionalProperties: { type: "number" } })).toBe(0);
    expect(check("record.b", { ...listed, additionalProperties: false })).toBe("there are first");
    expect(check("get(record, 'b', 0)", { ...listed, additionalProperties: false })).toBeUndefined();
    expect(check("record.b", { type: "object" })).toBe(0);
    expect(check("record.b", { allOf: [listed, { properties: { b: true }, required: ["b"] }] })).toBe(0);
  });
});

describe("what is expected", () => {
  const expectedOf = (source: string, expected: JsonSchema) =>
    compileExpression(source, { variables: { record: Ticket, any: undefined }, expected });
  const boolean: JsonSchema = { type: "boolean" };

  it("a predicate gives true or false, or fails", () => {
    const { evaluate: run, warnings } = expectedOf("any.isOpen", boolean);
    expect(warnings).toEqual([]);
    expect(run({ any: { isOpen: true } })).toBe(true);
    expect(() => run({ any: { isOpen: "yes" } })).toThrow("expected true or false, got a text");
    expect(() => expectedOf("record.score", boolean)).toThrow(
      "expected true or false, but this gives a number",
    );
    expect(expectedOf("record.isOpen ? record.rating : true", boolean).warnings[0]?.message).toContain(
      "this is not always what is expected",
    );
  });

  it("a schema's limits", () => {
    const percentage: JsonSchema = { type: "number", minimum: 0, maximum: 1 };
    expect(expectedOf("record.score", percentage).warnings).toEqual([]);
    expect(expectedOf("record.score + 1", percentage).warnings).toHaveLength(1);
    expect(() => expectedOf("record.subject", percentage)).toThrow(
      "expected a number, but this gives a text",
    );
    expect(() => expectedOf("'other'", { enum: ["positive", "negative"] })).toThrow(
      "this is never what is expected",
    );
    expect(expectedOf("record.label", { enum: ["positive", "negative", "neutral"] }).warnings).toEqual([]);
    expect(expectedOf("record.rating != null ? record.rating : 0", { type: "number" }).warnings).toEqual([]);
  });
});

describe("what is known where a predicate is true", () => {
  const Rated: JsonSchema = {
    type: "object",
    properties: {
      rating: { type: ["number", "null"], minimum: 0 },
      note: { type: "string" },
      inner: { type: ["object", "null"], properties: { a: { type: "integer" } } },
      other: { $ref: "#/$defs/Other" },
    },
    required: ["rating"],
    $defs: { Other: { anyOf: [{ type: "string" }, { type: "null" }] } },
  };
  const properties = Rated.properties ?? {};
  const recordOf = (source: string, schema: JsonSchema | undefined = Rated): JsonSchema | undefined =>
    compileExpression(source, { variables: { record: schema } }).whenTrue()["record"];

  it.each<[string, Partial<Record<string, JsonSchema>>, readonly string[]]>([
    ["true", {}, ["rating"]],
    ["record.rating != null", { rating: { type: "number", minimum: 0 } }, ["rating"]],
    ["has(record.note)", {}, ["rating", "note"]],
    [
      "has(record.note) && record.rating == null",
      { rating: { type: "null", minimum: 0 } },
      ["rating", "note"],
    ],
    ["has(record.note) || record.rating == null", {}, ["rating"]],
    [
      "!(!has(record.note) || record.rating == null)",
      { rating: { type: "number", minimum: 0 } },
      ["rating", "note"],
    ],
    [
      "has(record.inner.a)",
      { inner: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } },
      ["rating", "inner"],
    ],
    ["record.other != null", { other: { type: "string" } }, ["rating", "other"]],
    ["size(record.note) > 3", {}, ["rating"]],
  ])("%s", (source, changed, required) => {
    const { $defs, ...narrow } = recordOf(source) ?? {};
    expect(narrow).toEqual({ type: "object", properties: { ...properties, ...changed }, required });
    expect($defs).toEqual(Rated.$defs);
  });

  it("a key that the schema does not list, and a variable of which nothing is known", () => {
    expect(recordOf("has(record.extra)")).toMatchObject({
      allOf: [{ type: "object" }, { properties: { extra: {} }, required: ["extra"] }],
    });
    const record = recordOf("has(record.a)", {});
    expect(compileExpression("record.a + record.b", { variables: { record } }).warnings).toEqual([]);
    expect(recordOf("record.a > 1", {})).toEqual({});
  });
});
