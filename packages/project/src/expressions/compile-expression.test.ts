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

function evaluate(source: string, record: unknown = ticket, schema: JsonSchema | true = Ticket): unknown {
  return compileExpression(source, { variables: { record: schema } }).evaluate({ record });
}

/** The error of an expression: when it is compiled, or with the ticket. */
function errorOf(
  source: string,
  record: unknown = ticket,
  schema: JsonSchema | true = Ticket,
): ExpressionError {
  try {
    evaluate(source, record, schema);
  } catch (error) {
    if (ExpressionError.isInstance(error)) return error;
    throw error;
  }
  throw new Error(`no error: ${source}`);
}

function typeOf(source: string, schema: JsonSchema = Ticket): JsonSchema {
  return compileExpression(source, { variables: { record: schema } }).type;
}

describe("numbers are those of JSON", () => {
  it.each([
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

  it.each([
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

describe("what an expression gives", () => {
  it.each<[string, unknown]>([
    // texts
    ['record.subject + "!"', " Lost Parcel !"],
    ["lower(trim(record.subject))", "lost parcel"],
    ["record.subject.trim().upper()", "LOST PARCEL"],
    ["size('a😀b')", 3],
    ["substring('a😀bc', 1, 3)", "😀b"],
    ["substring('abc', 1)", "bc"],
    ["substring('abc', 2, 99)", "c"],
    ["substring('abc', 5)", ""],
    ['split("a,b,,c", ",")', ["a", "b", "", "c"]],
    ["split('a😀', '')", ["a", "😀"]],
    ["split('', ',')", [""]],
    ["join(record.tags, ', ')", "post, urgent"],
    ["['a', 'b'].join()", "ab"],
    ["join([], ',')", ""],
    ["replace('a.b.c', '.', '')", "abc"],
    ["replace('aaa', 'aa', 'b')", "ba"],
    ["contains('abc', 'b') && !contains('abc', 'd')", true],
    ["contains(record.tags, 'post')", true],
    ["record.subject.startsWith(' Lost') && record.subject.endsWith('l ')", true],
    ["matches('2026-01-31', r'^\\d{4}-\\d\\d-\\d\\d$')", true],
    ["'a' < 'b' && 'B' < 'a'", true],
    ["'tab\\tquote\\'\\u00e9\\x41'", "tab\tquote'éA"],
    ['"""two\nlines"""', "two\nlines"],
    // conversions
    ["int('42') + int(3.9) + int(-3.9)", 42],
    ["int('x', -1)", -1],
    ["int(null, 0)", 0],
    ["number(' 1.5 ') + double('1e2')", 101.5],
    ["number('+.5')", 0.5],
    ["number('', null)", null],
    ["number('0x10', null)", null],
    ["number('Infinity', null)", null],
    ["number('1e999', null)", null],
    ["number('1_000', null)", null],
    ["number(true, 'none')", "none"],
    ["string(1.0) + string(0.5) + string(true) + string('a')", "10.5truea"],
    ["bool('true') && !bool('FALSE') && bool(true)", true],
    [
      "[1, 'a', true, null, [], {}].map(x, type(x))",
      ["number", "string", "boolean", "null", "array", "object"],
    ],
    // rounding
    ["[round(2.5), round(-2.5), round(0.49), round(-0.4)]", [3, -3, 0, 0]],
    [
      "[round(1.005, 2), round(2.675, 2), round(-1.005, 2), round(1234.5678, 1)]",
      [1.01, 2.68, -1.01, 1234.6],
    ],
    [
      "[round(1e-7, 3), round(1.5e-7, 7), round(1e21, 2), round(4e15 + 0.5)]",
      [0, 2e-7, 1e21, 4000000000000001],
    ],
    ["[floor(-1.5), ceil(-1.5), abs(-1.5), ceil(-0.5)]", [-2, -1, 1.5, 0]],
    // lists and objects
    ["[1, 2] + ['a']", [1, 2, "a"]],
    ["{'a': 1, 'b': {'c': [true]}}", { a: 1, b: { c: [true] } }],
    ["{record.address.city: 1}", { Bern: 1 }],
    ["keys({'b': 1, 'a': 2})", ["b", "a"]],
    ["size(record.lines) + size({'a': 1})", 3],
    ["'city' in record.address && !('zip' in record.address)", true],
    ["record.address['city']", "Bern"],
    ["record['address']['ci' + 'ty']", "Bern"],
    ["[3, 1, 2].sort()", [1, 2, 3]],
    ["sort(['b', 'a', 'B'])", ["B", "a", "b"]],
    ["sort([])", []],
    ["sum(record.lines.map(line, line.price))", 13.75],
    ["sum([])", 0],
    ["max(record.lines.map(line, line.price)) - min(1, 2, 3)", 11.5],
    ["{'a': [1, {'b': null}]} == {'a': [1.0, {'b': null}]}", true],
    ["[1, 2] != [2, 1]", true],
    ["{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", true],
    // macros
    ["record.lines.filter(line, line.price > 2).map(line, line.name)", ["book"]],
    ["record.lines.map(line, line.price > 2, line.name)", ["book"]],
    ["record.tags.all(tag, size(tag) > 3) && record.tags.exists(tag, tag == 'post')", true],
    ["record.tags.exists_one(tag, tag == 'post')", true],
    ["[].all(x, false) && ![].exists(x, true)", true],
    ["{'a': 1, 'b': 2}.map(key, key + '!')", ["a!", "b!"]],
    ["[[1, 2], [3]].map(row, row.map(x, x * 10))", [[10, 20], [30]]],
    [
      "[1, 2].map(x, [10, 20].map(y, x * y))",
      [
        [10, 20],
        [20, 40],
      ],
    ],
    ["[1, 2].map(x, [3].filter(y, y > x).map(y, y + x))", [[4], [5]]],
    // what may be missing
    ["has(record.note)", false],
    ["has(record.address.city) && has(record.lines[0].count)", true],
    ["has(record.rating)", true],
    ["get(record, 'note', 'none')", "none"],
    ["record.get('note')", null],
    ["get(record, 'address.city', '?')", "Bern"],
    ["get(record, 'lines.1.name', '?')", "pen"],
    ["get(record, 'lines.9.name', '?')", "?"],
    ["get(record, ['address', 'city'], '?')", "Bern"],
    ["get(record, ['lines', 0, 'na' + 'me'], '?')", "book"],
    ["get(record, 'rating', 0) + 1", 1],
    ["has(record.note) ? record.note : 'none'", "none"],
    ["record.rating != null && record.rating > 3", false],
    // logic
    ["record.isOpen && !false || 1 / 0.5 > 3", true],
    ["false && record.lines[9].price > 1", false],
    ["true || record.lines[9].price > 1", true],
    ["record.isOpen ? 'open' : 'closed' // a remark", "open"],
  ])("%s", (source, value) => {
    expect(evaluate(source)).toEqual(value);
  });

  it("variables by other names, and none", () => {
    const { evaluate: both } = compileExpression("record.id + output.id", {
      variables: { record: undefined, output: { type: "object" } },
    });
    expect(both({ record: { id: 1 }, output: { id: 2 } })).toBe(3);
    expect(compileExpression("1 + 1", { variables: {} }).evaluate({})).toBe(2);
  });

  it("data is handed on as it is, and not changed", () => {
    const record = { list: [3, 1, 2], inner: { a: 1 } };
    const before = structuredClone(record);
    expect(evaluate("record.inner", record, true)).toBe(record.inner);
    evaluate("sort(record.list) + record.list.map(x, x + 1)", record, true);
    expect(record).toEqual(before);
  });

  it("evaluations do not disturb each other, not even one within another", () => {
    const inner = compileExpression("[1, 2, 3].map(x, x * 2)", { variables: {} });
    const outer = compileExpression("[1, 2].map(x, [x + record.value, x])", {
      variables: { record: undefined },
    });
    const record = {
      get value() {
        return (inner.evaluate({}) as readonly number[])[0];
      },
    };
    expect(outer.evaluate({ record })).toEqual([
      [3, 1],
      [4, 2],
    ]);
  });
});

describe("the type of an expression", () => {
  it.each<[string, JsonSchema]>([
    ["record.score", { type: "number", minimum: 0, maximum: 1 }],
    ["record.label", { enum: ["positive", "negative"] }],
    ["record.lines[0]", Line],
    ["record.lines.filter(x, x.price > 1)", { type: "array", items: Line }],
    ["record.id + 1", { type: "integer" }],
    ["record.id / 2", { type: "number" }],
    ["record.score > 0.5 ? 'good' : 'bad'", { enum: ["good", "bad"] }],
    ["record.isOpen ? record.id : 'none'", { anyOf: [{ type: "integer" }, { const: "none" }] }],
    ["record.rating != null ? record.rating : 0", { type: "number" }],
    ["get(record, 'rating', 0)", { type: "number" }],
    ["get(record, 'note', null)", { anyOf: [{ type: "string" }, { const: null }] }],
    ["size(record.tags)", { type: "integer", minimum: 0 }],
    [
      "[record.id, 'a']",
      { type: "array", prefixItems: [{ type: "integer" }, { const: "a" }], minItems: 2, maxItems: 2 },
    ],
    [
      "{'id': record.id}",
      {
        type: "object",
        properties: { id: { type: "integer" } },
        required: ["id"],
        additionalProperties: false,
      },
    ],
    ["{record.subject: 1}", { type: "object" }],
    ["sum(record.lines.map(x, x.price))", { type: "number" }],
    ["type(record.rating) == 'number' ? record.rating : 0", { type: "number" }],
    ["int(record.subject, null)", { anyOf: [{ type: "integer" }, { const: null }] }],
  ])("%s", (source, type) => {
    const made = typeOf(source);
    // Which of the types of an "anyOf" comes first says nothing.
    expect({ ...made, ...(made.anyOf && { anyOf: made.anyOf.toSorted(byText) }) }).toEqual({
      ...type,
      ...(type.anyOf && { anyOf: type.anyOf.toSorted(byText) }),
    });
  });

  const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

  it("nothing is known of a variable without a schema", () => {
    for (const schema of [undefined, true, {}] as const) {
      const { type, warnings } = compileExpression("record.a.b[0].c", { variables: { record: schema } });
      expect(type).toEqual({});
      expect(warnings).toEqual([]);
    }
  });

  it("what a schema refers to comes along, from each variable its own", () => {
    const tree = (leaf: string): JsonSchema => ({
      $ref: "#/$defs/Node",
      $defs: {
        Node: {
          type: "object",
          properties: { leaf: { type: leaf }, children: { type: "array", items: { $ref: "#/$defs/Node" } } },
          required: ["leaf", "children"],
        },
      },
    });
    const { type } = compileExpression(
      "{'a': record.children[0], 'b': output.children[0].leaf, 'c': output}",
      {
        variables: { record: tree("string"), output: tree("integer") },
      },
    );
    const node = (leaf: string, name: string): JsonSchema => ({
      type: "object",
      properties: { leaf: { type: leaf }, children: { type: "array", items: { $ref: `#/$defs/${name}` } } },
      required: ["leaf", "children"],
    });
    expect(type).toEqual({
      type: "object",
      properties: { a: { $ref: "#/$defs/Node" }, b: { type: "integer" }, c: { $ref: "#/$defs/Node2" } },
      required: ["a", "b", "c"],
      additionalProperties: false,
      $defs: { Node: node("string", "Node"), Node2: node("integer", "Node2") },
    });
  });

  it("a schema that goes on in itself, or refers to nowhere, is read as far as it says something", () => {
    const odd: JsonSchema = { $ref: "#", allOf: [{ $ref: "#/nowhere" }, { $ref: "other.json" }] };
    expect(compileExpression("record.a + 1", { variables: { record: odd } }).type).toEqual({
      type: "number",
    });
    const loop: JsonSchema = {
      $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } },
      $ref: "#/$defs/a",
    };
    expect(compileExpression("record.x", { variables: { record: loop } }).type).toEqual({});
  });

  it("a schema whose references multiply is not followed for ever", () => {
    const both = (level: number): JsonSchema => ({
      anyOf: [{ $ref: `#/$defs/a${level}` }, { $ref: `#/$defs/b${level}` }],
    });
    const levels = Array.from({ length: 40 }, (_, level) => [
      [`a${level}`, both(level + 1)],
      [`b${level}`, both(level + 1)],
    ]).flat();
    const leaf: JsonSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
    const record = { ...both(0), $defs: { ...Object.fromEntries(levels), a40: leaf, b40: leaf } };
    const { evaluate: run } = compileExpression("record.n + 1", { variables: { record } });
    expect(run({ record: { n: 1 } })).toBe(2);
  });
});

describe("what certainly fails is refused", () => {
  it.each<[string, string, string, string | undefined]>([
    ["record.scroe > 1", "scroe", "record.scroe: there is no such field", "did you mean score?"],
    ["record.address.zip", "zip", "record.address.zip: there is no such field", undefined],
    ["recrd.score", "recrd", "recrd: there is no such variable", "did you mean record?"],
    ["score > 1", "score", "score: there is no such variable", "did you mean record.score?"],
    ["positive", "positive", "positive: there is no such variable", 'a text stands in quotes: "positive"'],
    ["lowre(record.subject)", "lowre", "lowre: there is no such function", "did you mean lower?"],
    [
      "record.subject.toLowerCase()",
      "toLowerCase",
      "toLowerCase: there is no such function",
      "write lower(text)",
    ],
    ["now() > 1", "now", "now: there is no such function", "it would give something else each time"],
    ["timestamp('2026-01-01')", "timestamp", "timestamp: there is no such function", "dates are texts"],
    [
      "record.id + record.subject",
      "record.id + record.subject",
      "cannot add a whole number and a text",
      "write string(record.id)",
    ],
    [
      "record.subject * 2",
      "record.subject",
      '"*" takes a number, and record.subject is a text',
      "write number(record.subject)",
    ],
    ["lower(record.id)", "record.id", "lower takes a text, and record.id is a whole number", undefined],
    ["record.isOpen > 1", "record.isOpen > 1", '">" compares two numbers or two texts', undefined],
    [
      "record.subject == 1",
      "record.subject == 1",
      "this is never true: it compares a text with 1",
      "write number(record.subject)",
    ],
    [
      "record.id == '7'",
      "record.id == '7'",
      'this is never true: it compares a whole number with "7"',
      "write 7 without quotes",
    ],
    [
      "record.score ? 1 : 2",
      "record.score",
      "takes true or false, and record.score is a number",
      "write record.score != 0",
    ],
    ["record.subject && true", "record.subject", '"&&" takes true or false', 'write record.subject != ""'],
    ["!record.tags", "record.tags", '"!" takes true or false', "write size(record.tags) > 0"],
    [
      "record.subject.length",
      "length",
      "record.subject is a text, and has no fields",
      "write size(record.subject)",
    ],
    ["record.lines.price", "price", "record.lines is a list, and has no fields", "record.lines[0]"],
    ["record.lines[-1]", "-1", "an index counts from 0", "record.lines[size(record.lines) - 1]"],
    ["record.lines[0.5]", "0.5", "an index is a whole number", undefined],
    ["record.lines['a']", "'a'", "record.lines is a list", undefined],
    [
      "record.subject[0]",
      "record.subject",
      "[…] takes a list or an object",
      "write substring(record.subject, 0, 1)",
    ],
    [
      "'a' in record.subject",
      "record.subject",
      '"in" takes a list or an object',
      "write contains(record.subject, 'a')",
    ],
    ["1 in record.tags", "1 in record.tags", "this is never true: it compares 1 with a text", undefined],
    ["round()", "round()", "round takes 1 to 2 arguments, not 0", "round(number, digits?)"],
    ["join([1, 2], ',')", "[1, 2]", "join takes a list of texts", "[1, 2].map(x, string(x))"],
    ["sum(record.tags)", "record.tags", "sum takes a list of numbers", undefined],
    ["sort([[1]])", "[[1]]", "sort takes a list of numbers or of texts", undefined],
    ["{'a': 1, 'a': 2}", "'a'", 'the key "a" comes twice', undefined],
    ["{1: 2}", "1", "a key takes a text, and 1 is a whole number", 'write "1"'],
    ["record.lines.map(record, 1)", "record", "record is a variable already", "choose another name"],
    ["record.lines.map(x.y, 1)", "y", "the first argument has to be a name", undefined],
    ["record.lines.all(x)", "all", "all is written list.all(x, condition)", undefined],
    ["has(record)", "has(record)", "has takes one field", undefined],
    ["matches(record.subject, record.note)", "record.note", "has to be written out", undefined],
    ["b'bytes'", "b'bytes'", "there are no bytes in JSON", undefined],
    ["record.?note", "", "expected", "get("],
    ["record ?? 1", "?", "expected a value", "get("],
    ["a = 1", "=", '"=" is not expected here', "write =="],
    ["1 === 1", "=", '"=" is not expected here', "write =="],
    ["true and false", "and", '"and" is not expected here', "write && for and"],
    ["`x`", "`", '"`" is not expected here', "straight quotes"],
    ["(1 + 2", "", 'expected ")", but the expression ends', undefined],
    ["'abc", "'abc", "the text has no closing quote", undefined],
    ["", "", "the expression is empty", undefined],
    ["1 +", "", "the expression ends where a value is expected", undefined],
    ["record.in", "in", 'but "in" comes', '["in"]'],
    ["if", "if", '"if" is a reserved word', undefined],
    ["x => 1", "=", "", "no functions"],
  ])("%s", (source, place, message, hint) => {
    const error = errorOf(source);
    expect(error.message).toContain(message);
    expect(error.phase).not.toBe("evaluation");
    expect(error.source.slice(error.offset, error.offset + error.length)).toContain(place);
    if (hint === undefined) return;
    expect(error.hint).toContain(hint);
  });
});
