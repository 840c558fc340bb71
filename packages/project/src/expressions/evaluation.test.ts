import { describe, expect, it } from "vitest";
import { compileExpression } from "./compile-expression.ts";
import type { ExpressionError } from "./expression-error.ts";

describe("what fails with the data", () => {
  it.each<[string, unknown, string, string]>([
    ["record.a", {}, "record.a is missing", "record.a"],
    ["record.a", { a: undefined }, "record.a is missing", "record.a"],
    ["record.a.b", { a: null }, "record.a is null, and has no field b", "record.a"],
    ["record.a.b", { a: "text" }, "record.a is a text, and has no field b", "record.a"],
    ["record.a[1]", { a: [1] }, "the list has 1 elements, and none at 1", "1"],
    ["record.a[record.i]", { a: [1], i: -1 }, "none at -1", "record.i"],
    ["record.a[record.i]", { a: [1], i: 0.5 }, "a whole number, not 0.5", "record.i"],
    ["record.a['k']", { a: [1] }, "has no field k", "record.a"],
    ["record.a[record.i]", { a: {}, i: "k" }, "is missing", "record.a[record.i]"],
    ["record.a + 1", { a: "1" }, "cannot add a text and a whole number", "record.a + 1"],
    ["record.a - 1", { a: null }, "cannot subtract null and a whole number", "record.a - 1"],
    [
      "record.a > 1",
      { a: "1" },
      '">" compares two numbers or two texts, not a text and a whole number',
      "record.a > 1",
    ],
    ["record.a && true", { a: 1 }, '"&&" takes true or false; record.a is a whole number', "record.a"],
    ["record.a ? 1 : 2", { a: "" }, "takes true or false; record.a is a text", "record.a"],
    ["[1].filter(x, record.a)", { a: 0 }, "the condition of filter takes true or false", "record.a"],
    [
      "record.a.map(x, x)",
      { a: 1 },
      "goes through a list or the keys of an object, not a whole number",
      "record.a.map(x, x)",
    ],
    ["lower(record.a)", { a: 1 }, "lower takes a text, not a whole number", "lower(record.a)"],
    ["number(record.a)", { a: "x" }, "the text is no number", "number(record.a)"],
    ["bool(record.a)", { a: "yes" }, 'neither "true" nor "false"', "bool(record.a)"],
    ["max(record.a)", { a: [] }, "the list is empty", "max(record.a)"],
    ["sum(record.a)", { a: [1, null] }, "sum takes a number, not null", "sum(record.a)"],
    ["join(record.a, ',')", { a: ["a", 1] }, "join takes a list of texts", "join(record.a, ',')"],
    ["sort(record.a)", { a: [1, "a"] }, "not both", "sort(record.a)"],
    [
      "round(record.a, record.b)",
      { a: 1, b: 99 },
      "a whole number from 0 to 15, not 99",
      "round(record.a, record.b)",
    ],
    ["substring(record.a, record.b)", { a: "a", b: -1 }, "a whole number from 0, not -1", "substring"],
    ["replace(record.a, record.b, '')", { a: "a", b: "" }, "is empty", "replace"],
    ["{record.a: 1}", { a: 1 }, "a key is a text, not a whole number", "record.a"],
    ["record.a", { a: Number.NaN }, "not a number (NaN), which JSON has not", "record.a"],
    ["record.a", { a: 1n }, "a BigInt, which JSON has not", "record.a"],
    ["record.a", { a: new Date(0) }, "a Date, which JSON has not", "record.a"],
    ["output.a", {}, "output is missing", "output"],
  ])("%s with %o", (source, record, message, place) => {
    const { evaluate } = compileExpression(source, { variables: { record: undefined, output: undefined } });
    let caught: unknown;
    try {
      evaluate({ record });
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: "ExpressionError", phase: "evaluation", source });
    const error = caught as ExpressionError;
    expect(error.message).toContain(message);
    expect(source.slice(error.offset, error.offset + error.length)).toContain(place);
  });

  it("a message says nothing of the data itself", () => {
    const { evaluate } = compileExpression("number(record.secret) + record.secret", {
      variables: { record: undefined },
    });
    expect(() => evaluate({ record: { secret: "hunter2" } })).toThrow(/^(?!.*hunter2)/);
  });
});

describe("how large an expression may be", () => {
  const list = (count: number, part: string): string => Array(count).fill(part).join(", ");
  const keys = Array.from({ length: 201 }, (_, index) => `"${index}": 1`).join(", ");
  it.each<[string, string, string]>([
    ["its length", `"${"a".repeat(10_000)}"`, "has 10002 characters; at most 10000 are allowed"],
    [
      "its parts",
      Array(20)
        .fill(`[${list(60, "1")}]`)
        .join(" + "),
      "more than 1000 parts",
    ],
    ["brackets", `${"(".repeat(200)}1${")".repeat(200)}`, "more than 100 levels deep"],
    ["operators in a row", Array(150).fill("1").join(" + "), "more than 100 levels deep"],
    ["signs in a row", `${"!".repeat(500)}true`, "more than 100 levels deep"],
    ["fields in a row", `record${".a".repeat(200)}`, "more than 100 levels deep"],
    ["a list", `[${list(201, "1")}]`, "more than 200 elements"],
    ["an object", `{${keys}}`, "more than 200 keys"],
    ["arguments", `max(${list(201, "1")})`, "more than 200 arguments"],
    ["macros", "record.map(x, record.map(y, record.map(z, 1)))", "map stands in 2 other functions"],
    [
      "macros of several sorts",
      "record.all(x, record.exists(y, record.filter(z, true) == []))",
      "filter stands in 2",
    ],
  ])("%s", (_, source, message) => {
    expect(() => compileExpression(source, { variables: { record: undefined } })).toThrow(message);
  });

  it("macros after each other are not in each other", () => {
    const source = "[1].map(a, a).map(b, [b].map(c, c).map(d, d)).filter(e, true)";
    expect(compileExpression(source, { variables: {} }).evaluate({})).toEqual([[1]]);
  });
});
