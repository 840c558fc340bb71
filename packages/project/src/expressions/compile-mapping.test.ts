import type { JsonSchema } from "@atomic-agents/contracts";
import { describe, expect, it } from "vitest";
import { compileMapping } from "./compile-mapping.ts";
import { ExpressionError } from "./expression-error.ts";

const Order: JsonSchema = {
  type: "object",
  properties: {
    id: { type: "integer" },
    customer: { type: "string" },
    prices: { type: "array", items: { type: "number" } },
    note: { type: "string" },
  },
  required: ["id", "customer", "prices"],
};

const order = { id: 7, customer: " Ann ", prices: [1.5, 2] };

function map(template: unknown, record: unknown = order): unknown {
  return compileMapping(template, { variables: { record: Order } }).evaluate({ record });
}

function errorsOf(template: unknown, expected?: JsonSchema): readonly (readonly [string, string])[] {
  try {
    compileMapping(template, { variables: { record: Order }, ...(expected && { expected }) });
  } catch (error) {
    if (!ExpressionError.isInstance(error)) throw error;
    return [error, ...error.more].map((each) => [each.path.join("/"), each.message]);
  }
  return [];
}

describe("what a mapping makes", () => {
  it("a text is an expression", () => {
    expect(map("record.id + 1")).toBe(8);
    expect(map("'text'")).toBe("text");
  });

  it("an object has one for each key, in its order, however deep", () => {
    const template = {
      total: "sum(record.prices)",
      customer: { name: "trim(record.customer)", tags: ["'new'", "record.id", { is: true }] },
      version: 1.5,
      zero: -0,
      none: null,
      empty: {},
    };
    const made = map(template);
    expect(made).toEqual({
      total: 3.5,
      customer: { name: "Ann", tags: ["new", 7, { is: true }] },
      version: 1.5,
      zero: 0,
      none: null,
      empty: {},
    });
    expect(Object.keys(made as object)).toEqual(Object.keys(template));
  });

  it("each evaluation makes its own", () => {
    const { evaluate } = compileMapping({ list: [], inner: { a: 1 } }, { variables: {} });
    const [one, other] = [evaluate({}), evaluate({})] as Record<string, unknown>[];
    expect(one).toEqual(other);
    expect(one?.["list"]).not.toBe(other?.["list"]);
    expect(one?.["inner"]).not.toBe(other?.["inner"]);
  });

  it("its type says what comes", () => {
    const { type } = compileMapping(
      { id: "record.id", tags: ["record.customer", 1], kind: "'order'", open: true },
      { variables: { record: Order } },
    );
    expect(type).toEqual({
      type: "object",
      properties: {
        id: { type: "integer" },
        tags: { type: "array", prefixItems: [{ type: "string" }, { const: 1 }], minItems: 2, maxItems: 2 },
        kind: { const: "order" },
        open: { const: true },
      },
      required: ["id", "tags", "kind", "open"],
      additionalProperties: false,
    });
  });
});

describe("what is wrong with a mapping", () => {
  it("every mistake is told, with its keys and its place in the text", () => {
    const template = {
      id: "record.idd",
      lines: [1, { name: "1 +" }],
      customer: "record.customer",
      __proto__: null,
    };
    expect(errorsOf(template)).toEqual([
      ["id", "record.idd: there is no such field"],
      ["lines/1/name", "the expression ends where a value is expected"],
    ]);
    try {
      compileMapping(template, { variables: { record: Order } });
    } catch (error) {
      expect(error).toMatchObject({ source: "record.idd", offset: 7, length: 3, hint: "did you mean id?" });
    }
  });

  it("warnings have their keys too", () => {
    const { warnings } = compileMapping({ a: ["record.note"] }, { variables: { record: Order } });
    expect(warnings).toMatchObject([
      { message: "record.note may be missing", path: ["a", 0], offset: 0, length: 11 },
    ]);
  });

  it("so have failures with some data", () => {
    const { evaluate } = compileMapping({ a: { b: "record.note" } }, { variables: { record: undefined } });
    try {
      evaluate({ record: {} });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        name: "ExpressionError",
        phase: "evaluation",
        message: "record.note is missing",
        path: ["a", "b"],
        source: "record.note",
      });
    }
  });

  it("what is neither a text nor JSON", () => {
    const message = "a mapping is made of texts, numbers, true, false, null, lists and objects";
    expect(errorsOf({ a: undefined, b: () => 1, c: new Date(0), d: Symbol("d"), e: 1n })).toEqual(
      ["a", "b", "c", "d", "e"].map((key) => [key, message]),
    );
    expect(errorsOf({ a: Number.NaN })).toEqual([["a", "the number is not finite"]]);
  });

  it("keys that would change what an object inherits", () => {
    const template: unknown = JSON.parse('{ "a": { "__proto__": "1" } }');
    expect(errorsOf(template)).toEqual([["a/__proto__", '"__proto__" is not allowed as a key']]);
    // Words like any other: an object has them as its own.
    const made = map({ constructor: "1", prototype: "2", toString: "3" });
    expect(JSON.stringify(made)).toBe('{"constructor":1,"prototype":2,"toString":3}');
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });

  it("mappings without end", () => {
    const round: Record<string, unknown> = {};
    round["again"] = round;
    expect(errorsOf(round)[0]?.[1]).toContain("nested more than 32 levels deep");
    const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`key${index}`, "1"]));
    expect(errorsOf(wide)).toEqual([["key1999", "the mapping has more than 2000 keys"]]);
  });
});

describe("what is expected of a mapping", () => {
  const Expected: JsonSchema = {
    type: "object",
    properties: {
      text: { type: "string" },
      size: { type: "integer", minimum: 0 },
      by: { type: "array", items: { type: "string" } },
    },
    required: ["text"],
    additionalProperties: false,
  };

  it("what fits", () => {
    expect(
      errorsOf({ text: "record.customer", size: "size(record.prices)", by: ["'ann'"] }, Expected),
    ).toEqual([]);
    expect(errorsOf("{'text': record.customer}", Expected)).toEqual([]);
  });

  it("what does not, where it is", () => {
    expect(errorsOf({ text: "record.id" }, Expected)).toEqual([
      ["text", "this does not fit what is expected: text: expected string, got number 0"],
    ]);
    expect(errorsOf({ text: "'a'", by: ["'a'", "record.id"] }, Expected)[0]?.[0]).toBe("by/1");
    expect(errorsOf({ txet: "'a'" }, Expected)[0]?.[0]).toBe("");
    expect(errorsOf("{'text': record.id}", Expected)[0]?.[1]).toContain(
      "this is never what is expected: text",
    );
  });

  it("a key that is missing, and one that may have been meant for it", () => {
    const hintOf = (template: unknown): string | undefined => {
      try {
        compileMapping(template, { variables: { record: Order }, expected: Expected });
      } catch (error) {
        return ExpressionError.isInstance(error) ? error.hint : undefined;
      }
      return;
    };
    expect(hintOf({ txt: "'a'" })).toBe("is txt meant to be text?");
    expect(hintOf({ size: "1" })).toBe("add the key text");
  });

  it("what need not fit is a warning", () => {
    const { warnings } = compileMapping(
      { text: "record.customer", size: "record.id" },
      { variables: { record: Order }, expected: Expected },
    );
    expect(warnings).toMatchObject([
      { path: ["size"], message: expect.stringContaining("does not always fit") },
    ]);
  });
});
