import type { JsonSchema } from "@atomic-agents/contracts";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, type CompiledExpression } from "./compile-expression.ts";
import { compileMapping } from "./compile-mapping.ts";
import { ExpressionError } from "./expression-error.ts";

const runs = fc.readConfigureGlobal().numRuns ?? 100;

/** Records of which everything is known. */
interface Sample {
  readonly n: number;
  readonly i: number;
  readonly s: string;
  readonly b: boolean;
  readonly ns: readonly number[];
  readonly ss: readonly string[];
  readonly o: { readonly n: number; readonly s: string };
  readonly m?: number;
  readonly z: number | null;
}

const SampleSchema: JsonSchema = {
  type: "object",
  properties: {
    n: { type: "number" },
    i: { type: "integer" },
    s: { type: "string" },
    b: { type: "boolean" },
    ns: { type: "array", items: { type: "number" } },
    ss: { type: "array", items: { type: "string" } },
    o: {
      type: "object",
      properties: { n: { type: "number" }, s: { type: "string" } },
      required: ["n", "s"],
      additionalProperties: false,
    },
    m: { type: "number" },
    z: { type: ["number", "null"] },
  },
  required: ["n", "i", "s", "b", "ns", "ss", "o", "z"],
  additionalProperties: false,
};

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0.5, -1.25, 1e15, 2 ** 53 - 1, -(2 ** 53) + 1, 1e308, 1e-7, 3.999),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const text = fc.string({
  unit: fc.constantFrom("a", "b", "A", " ", ",", "é", "😀", "'", '"', "\\"),
  maxLength: 5,
});
const sample: fc.Arbitrary<Sample> = fc.record(
  {
    n: number,
    i: fc.integer({ min: -9, max: 9 }),
    s: text,
    b: fc.boolean(),
    ns: fc.array(number, { maxLength: 4 }),
    ss: fc.array(text, { maxLength: 4 }),
    o: fc.record({ n: number, s: text }),
    m: number,
    z: fc.option(number),
  },
  { requiredKeys: ["n", "i", "s", "b", "ns", "ss", "o", "z"] },
);

/** An expression beside what it should give, in JavaScript. */
interface Pair<TValue> {
  readonly source: string;
  readonly model: (record: Sample) => TValue;
}

class Fails extends Error {}

function certain(value: number, a: number, b: number): number {
  if (!Number.isFinite(value)) throw new Fails();
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b) && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new Fails();
  return value;
}

function literal(value: number): string {
  const written = String(Math.abs(value));
  // Beyond 2^53 only numbers with a point or an exponent are taken.
  const long =
    Number.isInteger(value) && !/e/.test(written) && !Number.isSafeInteger(value) ? `${written}.0` : written;
  return value < 0 || Object.is(value, -0) ? `(-${long})` : long;
}

function pairs() {
  const pair = <TValue>(source: string, model: (record: Sample) => TValue): Pair<TValue> => ({
    source,
    model,
  });
  return fc.letrec<{
    number: Pair<number>;
    boolean: Pair<boolean>;
    text: Pair<string>;
    numbers: Pair<readonly number[]>;
    texts: Pair<readonly string[]>;
  }>((tie) => {
    const num = tie("number");
    const bool = tie("boolean");
    const str = tie("text");
    const nums = tie("numbers");
    const strs = tie("texts");
    const size = { depthSize: "small", maxDepth: 4 } as const;
    return {
      number: fc.oneof(
        { ...size, depthIdentifier: "tree" },
        fc.constantFrom<Pair<number>>(
          pair("record.n", (r) => r.n),
          pair("record.i", (r) => r.i),
          pair("record.o.n", (r) => r.o.n),
          pair("get(record, 'm', 7)", (r) => r.m ?? 7),
          pair("(record.z == null ? 1.5 : record.z)", (r) => r.z ?? 1.5),
          pair("(has(record.m) ? record.m : record.n)", (r) => r.m ?? r.n),
        ),
        number.map((value) => pair(literal(value), () => value)),
        fc.tuple(fc.constantFrom("+", "-", "*", "/", "%"), num, num).map(([operator, a, b]) =>
          pair(`(${a.source} ${operator} ${b.source})`, (r) => {
            const x = a.model(r);
            const y = b.model(r);
            if (operator === "+") return certain(x + y, x, y);
            if (operator === "-") return certain(x - y, x, y);
            if (operator === "*") return certain(x * y, x, y);
            if (y === 0) throw new Fails();
            return operator === "/" ? certain(x / y, x, 0.5) : x % y;
          }),
        ),
        num.map((a) => pair(`-${a.source}`, (r) => -a.model(r))),
        fc
          .tuple(bool, num, num)
          .map(([c, a, b]) =>
            pair(`(${c.source} ? ${a.source} : ${b.source})`, (r) => (c.model(r) ? a.model(r) : b.model(r))),
          ),
        str.map((a) => pair(`size(${a.source})`, (r) => [...a.model(r)].length)),
        nums.map((a) => pair(`size(${a.source})`, (r) => a.model(r).length)),
        nums.map((a) =>
          pair(`sum(${a.source})`, (r) => a.model(r).reduce((sum, x) => certain(sum + x, sum, x), 0)),
        ),
        fc
          .tuple(num, num)
          .map(([a, b]) => pair(`min(${a.source}, ${b.source})`, (r) => Math.min(a.model(r), b.model(r)))),
        num.map((a) => pair(`floor(${a.source})`, (r) => Math.floor(a.model(r)))),
        num.map((a) => pair(`abs(${a.source})`, (r) => Math.abs(a.model(r)))),
        fc.tuple(nums, fc.nat(3)).map(([a, index]) =>
          pair(`${a.source}[${index}]`, (r) => {
            const value = a.model(r)[index];
            if (value === undefined) throw new Fails();
            return value;
          }),
        ),
        str.map((a) => pair(`number(${a.source}, -1)`, (r) => numberOf(a.model(r)))),
      ),
      boolean: fc.oneof(
        { ...size, depthIdentifier: "tree" },
        fc.constantFrom<Pair<boolean>>(
          pair("record.b", (r) => r.b),
          pair("true", () => true),
          pair("has(record.m)", (r) => r.m !== undefined),
          pair("(record.z == null)", (r) => r.z === null),
        ),
        fc
          .tuple(fc.constantFrom("<", "<=", ">", ">=", "==", "!="), num, num)
          .map(([operator, a, b]) =>
            pair(`(${a.source} ${operator} ${b.source})`, (r) => compared(operator, a.model(r), b.model(r))),
          ),
        fc
          .tuple(fc.constantFrom("<", "<=", ">", ">=", "==", "!="), str, str)
          .map(([operator, a, b]) =>
            pair(`(${a.source} ${operator} ${b.source})`, (r) => compared(operator, a.model(r), b.model(r))),
          ),
        fc
          .tuple(bool, bool)
          .map(([a, b]) => pair(`(${a.source} && ${b.source})`, (r) => a.model(r) && b.model(r))),
        fc
          .tuple(bool, bool)
          .map(([a, b]) => pair(`(${a.source} || ${b.source})`, (r) => a.model(r) || b.model(r))),
        bool.map((a) => pair(`!${a.source}`, (r) => !a.model(r))),
        fc
          .tuple(num, nums)
          .map(([a, b]) => pair(`(${a.source} in ${b.source})`, (r) => includes(b.model, a.model, r))),
        fc
          .tuple(str, str)
          .map(([a, b]) =>
            pair(`contains(${a.source}, ${b.source})`, (r) => a.model(r).includes(b.model(r))),
          ),
        fc
          .tuple(str, str)
          .map(([a, b]) =>
            pair(`${a.source}.startsWith(${b.source})`, (r) => a.model(r).startsWith(b.model(r))),
          ),
        fc
          .tuple(nums, num)
          .map(([a, b]) =>
            pair(`${a.source}.all(x, x > ${b.source})`, (r) => a.model(r).every((x) => x > b.model(r))),
          ),
        fc
          .tuple(nums, num)
          .map(([a, b]) =>
            pair(`${a.source}.exists(x, x > ${b.source})`, (r) => a.model(r).some((x) => x > b.model(r))),
          ),
        fc
          .tuple(nums, nums)
          .map(([a, b]) => pair(`(${a.source} == ${b.source})`, (r) => equalLists(a.model(r), b.model(r)))),
      ),
      text: fc.oneof(
        { ...size, depthIdentifier: "tree" },
        fc.constantFrom<Pair<string>>(
          pair("record.s", (r) => r.s),
          pair("record.o.s", (r) => r.o.s),
        ),
        text.map((value) => pair(JSON.stringify(value), () => value)),
        fc
          .tuple(str, str)
          .map(([a, b]) => pair(`(${a.source} + ${b.source})`, (r) => a.model(r) + b.model(r))),
        str.map((a) => pair(`upper(${a.source})`, (r) => a.model(r).toUpperCase())),
        str.map((a) => pair(`${a.source}.trim()`, (r) => a.model(r).trim())),
        num.map((a) => pair(`string(${a.source})`, (r) => String(a.model(r)))),
        bool.map((a) => pair(`string(${a.source})`, (r) => String(a.model(r)))),
        fc.tuple(strs, str).map(([a, b]) =>
          pair(`join(${a.source}, ${b.source})`, (r) => {
            const list = a.model(r);
            return list.join(b.model(r));
          }),
        ),
        fc
          .tuple(str, fc.nat(4), fc.nat(4))
          .map(([a, from, count]) =>
            pair(`substring(${a.source}, ${from}, ${from + count})`, (r) =>
              [...a.model(r)].slice(from, from + count).join(""),
            ),
          ),
        fc.tuple(str, str).map(([a, b]) =>
          pair(`replace(${a.source}, "a", ${b.source})`, (r) => {
            const whole = a.model(r);
            return whole.split("a").join(b.model(r));
          }),
        ),
      ),
      numbers: fc.oneof(
        { ...size, depthIdentifier: "tree" },
        fc.constant<Pair<readonly number[]>>(pair("record.ns", (r) => r.ns)),
        fc
          .array(num, { maxLength: 3 })
          .map((parts) =>
            pair(`[${parts.map(({ source }) => source).join(", ")}]`, (r) =>
              parts.map(({ model }) => model(r)),
            ),
          ),
        fc
          .tuple(nums, nums)
          .map(([a, b]) => pair(`(${a.source} + ${b.source})`, (r) => [...a.model(r), ...b.model(r)])),
        fc
          .tuple(nums, num)
          .map(([a, b]) =>
            pair(`${a.source}.filter(x, x < ${b.source})`, (r) => a.model(r).filter((x) => x < b.model(r))),
          ),
        nums.map((a) => pair(`${a.source}.map(x, x / 2)`, (r) => a.model(r).map((x) => x / 2))),
        nums.map((a) => pair(`sort(${a.source})`, (r) => [...a.model(r)].sort((x, y) => x - y))),
      ),
      texts: fc.oneof(
        { ...size, depthIdentifier: "tree" },
        fc.constant<Pair<readonly string[]>>(pair("record.ss", (r) => r.ss)),
        str.map((a) => pair(`split(${a.source}, ",")`, (r) => a.model(r).split(","))),
        strs.map((a) => pair(`${a.source}.map(x, lower(x))`, (r) => a.model(r).map((x) => x.toLowerCase()))),
      ),
    };
  });
}

function numberOf(written: string): number {
  const trimmed = written.trim();
  const value = /^[+-]?[\d.]/.test(trimmed) && !/^[+-]?0[xob]/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : -1;
}

function includes(
  list: (record: Sample) => readonly number[],
  value: (record: Sample) => number,
  record: Sample,
): boolean {
  const wanted = value(record);
  return list(record).includes(wanted);
}

function equalLists(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function compared<TValue extends number | string>(operator: string, a: TValue, b: TValue): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "==":
      return a === b;
    default:
      return a !== b;
  }
}

const failed = Symbol("failed");

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fails || ExpressionError.isInstance(error)) return failed;
    throw error;
  }
}

/** What JSON makes of it: there 0 and -0 are one. */
function plain(value: unknown): unknown {
  return value === failed ? "failed" : JSON.parse(JSON.stringify({ value }));
}

const ajv = new Ajv2020({ strict: false, allErrors: false });

/** How a value is not what its type says. */
function faultOf(type: JsonSchema, value: unknown): string | undefined {
  const written = JSON.stringify(value);
  const isValid = ajv.compile(type)(JSON.parse(written));
  return isValid ? undefined : `${written} is not ${JSON.stringify(type)}`;
}

function compile(source: string, record: JsonSchema | undefined): CompiledExpression | undefined {
  try {
    return compileExpression(source, { variables: { record } });
  } catch (error) {
    if (ExpressionError.isInstance(error)) return;
    throw error;
  }
}

const { number: aNumber, boolean: aBoolean, text: aText, numbers, texts } = pairs();
const anyPair: fc.Arbitrary<Pair<unknown>> = fc.oneof(aNumber, aBoolean, aText, numbers, texts);

describe("expressions of a grammar", () => {
  it("give what JavaScript gives, with types known and not", () => {
    fc.assert(
      fc.property(anyPair, fc.array(sample, { minLength: 1, maxLength: 3 }), ({ source, model }, records) => {
        // What is certain to fail (1 / 0) is refused.
        const compiled = [compile(source, SampleSchema), compile(source, undefined)].filter(
          (each) => each !== undefined,
        );
        const wanted = records.map((record) => plain(attempt(() => model(record))));
        const given = compiled.map((each) =>
          records.map((record) => plain(attempt(() => each.evaluate({ record })))),
        );
        expect({ source, given }).toEqual({ source, given: compiled.map(() => wanted) });
      }),
      { numRuns: runs * 3 },
    );
  });

  it("give what their type says", () => {
    fc.assert(
      fc.property(anyPair, sample, ({ source }, record) => {
        const compiled = compile(source, SampleSchema);
        const value = compiled === undefined ? failed : attempt(() => compiled.evaluate({ record }));
        expect(
          value === failed || compiled === undefined ? undefined : faultOf(compiled.type, value),
        ).toBeUndefined();
      }),
      { numRuns: runs * 3 },
    );
  });

  it("fail only for values that no type tells, where nothing was warned of", () => {
    const known =
      /beyond 9007199254740991|no number that JSON|divides by zero|the list has|list is empty|more than .* characters|more than 1,000,000/;
    fc.assert(
      fc.property(anyPair, sample, ({ source }, record) => {
        const compiled = compile(source, SampleSchema);
        if (compiled === undefined || compiled.warnings.length > 0) return;
        try {
          compiled.evaluate({ record });
        } catch (error) {
          expect([source, (error as Error).message]).toEqual([source, expect.stringMatching(known)]);
        }
      }),
      { numRuns: runs * 3 },
    );
  });
});

/** Expressions put together without a thought for types: the checker has to find the few that go. */
const wild = fc.letrec<{ any: string }>((tie) => {
  const any = tie("any");
  return {
    any: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      fc.constantFrom(
        ...[
          "record",
          "record.n",
          "record.i",
          "record.s",
          "record.b",
          "record.ns",
          "record.ss",
          "record.o",
          "record.o.s",
        ],
        ...[
          "record.m",
          "record.z",
          "record.o['n']",
          "record.ns[0]",
          "null",
          "true",
          "1",
          "0.5",
          "'a'",
          "'n'",
          "[]",
          "{}",
        ],
        ...[
          "record.x",
          "record.s.x",
          "get(record, 'm', null)",
          "get(record, 'o.n', 'none')",
          "has(record.m)",
        ],
      ),
      fc
        .tuple(fc.constantFrom("+", "-", "*", "/", "%", "<", ">=", "==", "!=", "in", "&&", "||"), any, any)
        .map(([operator, a, b]) => `(${a} ${operator} ${b})`),
      fc.tuple(any, any, any).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(fc.constantFrom("record.b", "has(record.m)", "record.z != null"), any, any)
        .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(
          fc.constantFrom(
            "size",
            "string",
            "int",
            "number",
            "type",
            "lower",
            "keys",
            "sum",
            "sort",
            "join",
            "bool",
            "abs",
            "round",
          ),
          any,
        )
        .map(([name, a]) => `${name}(${a})`),
      fc
        .tuple(fc.constantFrom("number", "int", "contains", "round", "min"), any, any)
        .map(([name, a, b]) => `${name}(${a}, ${b})`),
      fc
        .tuple(
          fc.constantFrom("map", "filter", "all", "exists"),
          any,
          fc.constantFrom("x", "x > 1", "x == x", "{'a': x}", "[x]"),
        )
        .map(([name, a, body]) => `${a}.${name}(x, ${body})`),
      fc.array(any, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
      fc
        .array(any, { maxLength: 3 })
        .map((items) => `{${items.map((item, index) => `'${"nab"[index]}': ${item}`).join(", ")}}`),
      fc
        .tuple(any, fc.constantFrom(".n", ".a", "[0]", "['s']", "[record.i]"))
        .map(([a, access]) => `${a}${access}`),
      any.map((a) => `!${a}`),
      any.map((a) => `-${a}`),
    ),
  };
}).any;

describe("expressions of any sort", () => {
  it("what they are true of is what they say", () => {
    const test = fc.constantFrom(
      ...[
        "record.z != null",
        "record.z == null",
        "has(record.m)",
        "'m' in record",
        "type(record.z) == 'number'",
        "has(record.o.n)",
      ],
      ...[
        "type(record.z) != 'null'",
        "record.m == null",
        "record.m != null",
        "'a' in record.ss",
        "record.b",
        "record.n > 0",
      ],
    );
    const condition = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        test,
        fc
          .tuple(tie("any"), fc.constantFrom("&&", "||"), tie("any"))
          .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
        tie("any").map((a) => `!${a}`),
      ),
    })).any;
    let told = 0;
    fc.assert(
      fc.property(condition, sample, (source, record) => {
        const compiled = compile(source, SampleSchema);
        const narrow = compiled?.whenTrue()["record"];
        const isTrue = narrow !== undefined && attempt(() => compiled?.evaluate({ record })) === true;
        if (JSON.stringify(narrow) !== JSON.stringify(SampleSchema)) told++;
        expect([source, isTrue && narrow !== undefined ? faultOf(narrow, record) : undefined]).toEqual([
          source,
          undefined,
        ]);
      }),
      { numRuns: runs * 5 },
    );
    expect(told).toBeGreaterThan(runs);
  });

  it("what evaluates is valid for the type that it claims", () => {
    let evaluated = 0;
    fc.assert(
      fc.property(wild, fc.array(sample, { minLength: 1, maxLength: 3 }), (source, records) => {
        const compiled = compile(source, SampleSchema);
        if (compiled === undefined) return;
        for (const record of records) {
          const value = attempt(() => compiled.evaluate({ record }));
          if (value === failed) continue;
          evaluated++;
          expect([source, faultOf(compiled.type, value)]).toEqual([source, undefined]);
        }
      }),
      { numRuns: runs * 10 },
    );
    expect(evaluated).toBeGreaterThan(runs * 3);
  });

  it("a mapping gives what its expressions give, and what its type says", () => {
    fc.assert(
      fc.property(fc.array(anyPair, { minLength: 1, maxLength: 4 }), sample, (parts, record) => {
        const template = Object.fromEntries(
          parts.map(({ source }, index) => [`key${index}`, [source, { inner: source }]]),
        );
        let mapping: ReturnType<typeof compileMapping>;
        try {
          mapping = compileMapping(template, { variables: { record: SampleSchema } });
        } catch (error) {
          expect(ExpressionError.isInstance(error)).toBe(true);
          return;
        }
        const wanted = attempt(() =>
          Object.fromEntries(
            parts.map(({ model }, index) => [`key${index}`, [model(record), { inner: model(record) }]]),
          ),
        );
        const given = attempt(() => mapping.evaluate({ record }));
        expect(plain(given)).toEqual(plain(wanted));
        if (given !== failed) expect(faultOf(mapping.type, given)).toBeUndefined();
      }),
      { numRuns: runs },
    );
  });
});

function stepped<TValue>(work: () => TValue): TValue | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) return;
    throw error;
  }
}

/** Schemas over few keys, so that values made at random are often valid. */
const schemas = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const schema = tie("schema");
  return {
    schema: fc.oneof(
      { depthSize: "small", maxDepth: 3 },
      fc.constantFrom<JsonSchema>(
        {},
        { type: "integer" },
        { type: ["string", "null"] },
        { type: "boolean" },
        { enum: ["x", 1, null] },
        { const: "x" },
        { type: "number", minimum: 0 },
        { $ref: "#" },
        { $ref: "#/$defs/leaf" },
        { $ref: "#/$defs/nowhere" },
        { description: "said, not asked" },
      ),
      schema.map((items) => ({ type: "array", items })),
      fc.tuple(schema, schema).map(([first, items]) => ({ prefixItems: [first], items })),
      fc
        .record({
          a: schema,
          b: schema,
          required: fc.subarray(["a", "b"]),
          additionalProperties: fc.constantFrom<boolean | JsonSchema>(true, false, { type: "string" }),
          type: fc.constantFrom<string | readonly string[]>("object", ["object", "null"]),
        })
        .map(({ a, b, ...rest }) => ({ properties: { a, b }, ...rest })),
      fc.array(schema, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.array(schema, { minLength: 1, maxLength: 2 }).map((oneOf) => ({ oneOf })),
      fc.tuple(schema, schema).map((allOf) => ({ allOf })),
      fc.tuple(schema, schema).map(([one, other]) => ({ ...one, anyOf: [other, { type: "object" }] })),
    ),
  };
}).schema;

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    fc.constantFrom<unknown>("x", "y", 1, 0.5, -1, null, true),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.record({ a: tie("value"), b: tie("value"), c: fc.constant("z") }, { requiredKeys: [] }),
  ),
})).value;

describe("schemas of any sort", () => {
  const reads = [
    ...[
      "record",
      "record.a",
      "record.b",
      "record.c",
      "record.a.b",
      "record.a.a.b",
      "record[0]",
      "record[1]",
      "record.a[0]",
    ],
    ...[
      "record.map(x, x)",
      "get(record, 'a.b', 'none')",
      "get(record, 'a', null)",
      "get(record, '0.a', 0)",
      "record['a']",
    ],
    ...[
      "record != null ? record : 'none'",
      "record.a != null ? record.a : 1",
      "type(record) == 'object' ? record : {}",
    ],
    ...[
      "type(record.a) == 'number' ? record.a + 1 : record.a",
      "has(record.a) ? record.a : record",
      "type(record)",
    ],
    ...[
      "record.filter(x, type(x) == 'string')",
      "[record, record.b]",
      "{'k': record.a}",
      "record + [1]",
      "record + 1",
    ],
    ...[
      "record.map(x, record[x])",
      "number(record.a, record.b)",
      "type(record) != 'null' ? [record] : record",
    ],
  ];

  it("what is read of valid data is valid for the type that is said", () => {
    let evaluated = 0;
    fc.assert(
      fc.property(schemas, fc.array(values, { minLength: 5, maxLength: 10 }), (inner, candidates) => {
        const schema: JsonSchema = { ...inner, $defs: { leaf: { type: ["string", "integer"] } } };
        // What refers to nowhere cannot be validated; it is read all the same.
        let validate: (value: unknown) => boolean;
        try {
          validate = ajv.compile(schema);
        } catch {
          for (const source of reads) compile(source, schema);
          return;
        }
        // One that refers to itself without going a step further is no schema.
        const valid = candidates.filter((value) => stepped(() => validate(value)) === true);
        for (const source of valid.length === 0 ? [] : reads) {
          const compiled = compile(source, schema);
          if (compiled === undefined) continue;
          for (const record of valid) {
            const value = attempt(() => compiled.evaluate({ record }));
            if (value === failed) continue;
            evaluated++;
            expect([source, schema, faultOf(compiled.type, value)]).toEqual([source, schema, undefined]);
          }
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
    expect(evaluated).toBeGreaterThan(runs * 5);
  });
});

describe("any text", () => {
  const token = fc.constantFrom(
    ...[
      "record",
      "x",
      "a",
      ".",
      "?",
      ":",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ",",
      "+",
      "-",
      "*",
      "/",
      "%",
      "!",
      "==",
      "!=",
      "<",
      ">=",
    ],
    ...[
      "&&",
      "||",
      "in",
      "1",
      "0.5",
      "1e3",
      "0x1f",
      "2u",
      "'t'",
      '"t"',
      "r'\\d'",
      "b'b'",
      '"""',
      "'",
      "\\",
      "null",
      "true",
    ],
    ...[
      ".map(x, x)",
      ".all(x, true)",
      "has(",
      "get(",
      "size(",
      "matches(",
      "round(",
      "join(",
      "//",
      "\n",
      " ",
      "__proto__",
      "if",
    ],
    ...[
      "constructor",
      "`",
      "${",
      "\u0000",
      "\ud800",
      "😀",
      "=",
      "&",
      "|",
      ";",
      "@",
      "#",
      "é",
      "99999999999999999999",
    ],
  );
  const soup = fc.oneof(
    fc.array(token, { maxLength: 25 }).map((tokens) => tokens.join("")),
    fc.array(token, { maxLength: 25 }).map((tokens) => tokens.join(" ")),
    fc.string({ unit: "binary", maxLength: 40 }),
    // One that goes, with something wrong in it.
    fc.tuple(anyPair, fc.nat(), token).map(([{ source }, at, part]) => {
      const place = at % (source.length + 1);
      return source.slice(0, place) + part + source.slice(place + 1);
    }),
  );

  it("is an expression, or an error of our own with its place", () => {
    fc.assert(
      fc.property(soup, sample, (source, record) => {
        for (const schema of [undefined, SampleSchema]) {
          let compiled: CompiledExpression | undefined;
          try {
            compiled = compileExpression(source, { variables: { record: schema } });
            compiled.evaluate({ record });
          } catch (error) {
            if (!ExpressionError.isInstance(error)) throw error;
            expect(error.phase === "evaluation").toBe(compiled !== undefined);
            expect(error.offset).toBeGreaterThanOrEqual(0);
            expect(error.offset + error.length).toBeLessThanOrEqual(source.length);
            expect(error.message).not.toBe("");
          }
        }
      }),
      { numRuns: runs * 20 },
    );
  });
});
