import type { JsonSchema } from "@atomic-agents/contracts";
import { describe, expect, test } from "vitest";
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

const ticket = {
  id: 7,
  subject: " Lost Parcel ",
  label: "negative",
  score: 0.25,
  rating: null,
  isOpen: true,
  tags: ["post", "urgent"],
  lines: [
    { name: "book", price: 12.5, count: 2 },
    { name: "pen", price: 1.25 },
  ],
  address: { city: "Bern" },
};

function evaluate(source: string, record: unknown = ticket, schema: JsonSchema | undefined = Ticket): unknown {
  return compileExpression(source, { variables: { record: schema } }).evaluate({ record });
}

/** The error of an expression: when it is compiled, or with the ticket. */
function errorOf(source: string, record: unknown = ticket, schema: JsonSchema | undefined = Ticket): ExpressionError {
  try {
    evaluate(source, record, schema);
  } catch (error) {
    if (ExpressionError.isInstance(error)) return error;
    throw error;
  }
  throw new Error(`no error: ${source}`);
}

function typeOf(source: string, schema: JsonSchema | undefined = Ticket): JsonSchema {
  return compileExpression(source, { variables: { record: schema } }).type;
}

function warningsOf(source: string): readonly string[] {
  const { warnings } = compileExpression(source, { variables: { record: Ticket } });
  return warnings.map(({ message, hint }) => (hint === undefined ? message : `${message}: ${hint}`));
}

describe("numbers are those of JSON", () => {
  test.each([
    ["record.id + 1", 8],
    ["size(record.tags) * 1.5", 3],
    ["1 == 1.0", true],
    ["7 / 2", 3.5],
    ["6 / 2", 3],
    ["7 % 4", 3],
    ["-7 % 4", -3],
    ["7.5 % 2", 1.5],
    ["record.tags[0.0 + 1]", "urgent"],
    ["record.tags[record.id - 7.0]", "post"],
    ["record.isOpen ? 1 : 2.5", 1],
    ["min(3, 1.5)", 1.5],
    ["max([1, 2.5, 2])", 2.5],
    ["1 in [1.0, 2]", true],
    ["{'a': 1} == {'a': 1.0}", true],
    ["0x10 + 7u", 23],
    ["-record.id", -7],
    ["9007199254740991 - 1", 9007199254740990],
    ["1e300 * 10", 1e301],
    ["0 * -1", 0],
    ["-(record.id - 7)", 0],
    ["2 < 2.5 && 3 >= 3.0", true],
  ])("%s is %j", (source, value) => {
    expect(evaluate(source)).toEqual(value);
  });

  test.each([
    ["9007199254740991 + 1", "beyond 9007199254740991 (2^53 - 1)"],
    ["-9007199254740991 - 1", "beyond 9007199254740991"],
    ["9007199254740991 * 2", "beyond 9007199254740991"],
    ["9007199254740992", "beyond 9007199254740991"],
    ["0xffffffffffffffff", "beyond 9007199254740991"],
    ["int(1e20)", "beyond 9007199254740991"],
    ["1e308 * 10", "no number that JSON can hold"],
    ["1e400", "too large"],
    ["1 / (record.id - 7)", "divides by zero"],
    ["1 % (record.id - 7)", "divides by zero"],
    ["1 / 0", "divides by zero"],
    ["record.id / 0.0", "divides by zero"],
  ])("%s is an error", (source, message) => {
    expect(errorOf(source).message).toContain(message);
  });
});
