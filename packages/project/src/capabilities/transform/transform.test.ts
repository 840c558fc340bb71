import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { castTypes, Misfit, planCast } from "./cast-value.ts";
import { compileTransform } from "./compile-transform.ts";
import type { TransformOptions } from "./transform-options.ts";
import { transformRecords } from "./transform-records.ts";

const order = {
  type: "object",
  properties: {
    id: { type: "integer" },
    qty: { type: "string" },
    price: { type: ["string", "null"] },
    note: { type: "string" },
    buyer: {
      type: "object",
      properties: { name: { type: "string" }, city: { type: "string" } },
      required: ["name"],
      additionalProperties: false,
    },
  },
  required: ["id", "qty", "price", "buyer"],
  additionalProperties: false,
} as const;

const problemsOf = (options: TransformOptions, schema = order as object | undefined): readonly string[] => {
  const { problems, deriveError, deriveWarnings } = compileTransform(options, schema as never);
  return [
    ...problems.map(
      ({ severity, path, message, hint }) =>
        `${severity} ${path.join(".")}: ${message}${hint === undefined ? "" : ` | ${hint}`}`,
    ),
    ...(deriveError === undefined ? [] : [`expression ${deriveError.message}`]),
    ...deriveWarnings.map(({ message }) => `warning ${message}`),
  ];
};

const done = (options: TransformOptions, record: unknown): unknown =>
  compileTransform(options, undefined).apply(record);
const failure = (options: TransformOptions, record: unknown): string => {
  try {
    return `no failure: ${JSON.stringify(done(options, record))}`;
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

describe("a transformation", () => {
  it("is done in one order, whatever the order in which it is written", () => {
    const options: TransformOptions = {
      nest: { money: { each: "price" }, what: ["count"] },
      drop: ["note"],
      derive: { total: "record.price * record.count" },
      cast: { price: "number", count: "integer" },
      rename: { item_qty: "count" },
      flatten: true,
    };
    expect(done(options, { item: { qty: "3" }, price: "1.5", note: "x" })).toEqual({
      total: 4.5,
      money: { each: 1.5 },
      what: { count: 3 },
    });
  });

  it("works out what it gives", () => {
    const { type } = compileTransform(
      {
        flatten: ["buyer"],
        rename: { qty: "count" },
        cast: { count: "integer", price: { to: "number", otherwise: 0 } },
        derive: { total: "record.price * record.count", kind: '"order"' },
        drop: ["note"],
        nest: { sum: ["total"] },
      },
      order,
    );
    expect(type).toEqual({
      type: "object",
      properties: {
        id: { type: "integer" },
        count: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        price: { type: "number" },
        buyer_name: { type: "string" },
        buyer_city: { type: "string" },
        kind: { const: "order" },
        sum: {
          type: "object",
          properties: { total: { type: "number" } },
          required: ["total"],
          additionalProperties: false,
        },
      },
      required: ["id", "count", "price", "buyer_name", "kind", "sum"],
      additionalProperties: false,
    });
  });

  it("finds misspelt fields before a record is read", () => {
    expect(
      problemsOf({
        flatten: ["buyr"],
        rename: { qtty: "count" },
        cast: { prise: "number" },
        derive: { a: "record.nott" },
        drop: ["nte"],
        nest: { b: ["idd"] },
      }),
    ).toEqual([
      'error flatten.0: there is no such field: buyr | Did you mean "buyer"?',
      'error rename.qtty: there is no such field: qtty | Did you mean "qty"?',
      'error cast.prise: there is no such field: prise | Did you mean "price"?',
      'error drop.0: there is no such field: nte | Did you mean "note"?',
      'error nest.b.0: there is no such field: idd | Did you mean "id"?',
      "expression record.nott: there is no such field",
    ]);
    expect(problemsOf({ rename: { qty: "count" }, pick: ["qty"] })).toEqual([
      "error pick.0: there is no such field: qty | It is renamed before: write count.",
    ]);
    // Without a schema, too.
    expect(problemsOf({ rename: { qty: "count" }, cast: { qty: "integer" } }, undefined)).toEqual([
      "error cast.qty: there is no such field: qty | It is renamed before: write count.",
    ]);
    expect(problemsOf({ cast: { buyer: "number" } })).toEqual([
      "error cast.buyer: buyer is an object, which is never made a number",
    ]);
    expect(problemsOf({ rename: { qty: "id" } })[0]).toMatch(
      /^error rename.qty: there is a field id already/,
    );
    expect(problemsOf({ rename: { qty: "note" } })[0]).toMatch(
      /^doubt rename.qty: there may be a field note/,
    );
    expect(problemsOf({ rename: { qty: "price", price: "qty" } })).toEqual([]);
    expect(problemsOf({ rename: { qty: "a", price: "a" } })[0]).toMatch(/cannot both be renamed to a/);
    expect(problemsOf({ pick: ["id"] }, { type: "array" })).toContain(
      "error : a transform takes objects, and these records are a list",
    );
    expect(problemsOf({ cast: { qty: { to: "date", format: "YYYY" } } })[0]).toMatch(/a format has YYYY/);
    expect(problemsOf({ cast: { qty: { to: "datetime", zone: "CET" } } })[0]).toMatch(/a zone is Z/);
    expect(problemsOf(JSON.parse('{"rename":{"qty":"__proto__"}}'))[0]).toMatch(/not allowed/);
    expect(problemsOf(JSON.parse('{"nest":{"__proto__":["id"]}}'))[0]).toMatch(/not allowed/);
  });

  it("keeps what is derived beside what is picked, and computes from all fields", () => {
    expect(done({ pick: ["id"], derive: { twice: "record.n * 2" } }, { id: 1, n: 4, m: 5 })).toEqual({
      id: 1,
      twice: 8,
    });
    expect(done({ derive: { all: "record" } }, { a: 1 })).toEqual({ a: 1, all: { a: 1 } });
    // One does not see the other: both are of the record as it came.
    expect(done({ derive: { a: "record.b", b: "record.a" } }, { a: 1, b: 2 })).toEqual({ a: 2, b: 1 });
  });

  it("leaves the record as it was", () => {
    const record = Object.freeze({ a: "1", b: Object.freeze({ c: 2 }) });
    done({ cast: { a: "number" }, nest: { d: ["a", "b"] } }, record);
    done({ flatten: true }, record);
    expect(record).toEqual({ a: "1", b: { c: 2 } });
  });

  it("flattens objects, and leaves lists and empty ones", () => {
    const record = { a: { b: { c: 1 }, d: {} }, e: [{ f: 1 }], g: null };
    expect(done({ flatten: true }, record)).toEqual({ a_b_c: 1, a_d: {}, e: [{ f: 1 }], g: null });
    expect(done({ flatten: { separator: "." } }, { a: { b: 1 } })).toEqual({ "a.b": 1 });
    expect(failure({ flatten: true }, { a: { b: 1 }, a_b: 2 })).toMatch(/^a_b: there are two such fields/);
  });

  it("refuses what is no record", () => {
    for (const record of [null, 7, "text", [1], new Date(0), new Map(), undefined]) {
      expect(failure({ drop: ["a"] }, record)).toMatch(/^a record is an object, and this is/);
    }
    expect(failure({ drop: ["a"] }, JSON.parse('{"__proto__": 1}'))).toMatch(/"__proto__" is not allowed/);
    let deep: unknown = 1;
    for (let level = 0; level < 2_000; level++) deep = { a: deep };
    expect(failure({ flatten: true }, deep)).toMatch(/nested more than 500/);
    expect(failure({ rename: { a: "b" } }, { a: 1, b: 2 })).toMatch(/^b: there is such a field already/);
    expect(failure({ rename: { b: "a" } }, { a: 1, b: 2 })).toMatch(/^a: there is such a field already/);
    expect(failure({ nest: { b: ["a"] } }, { a: 1, b: 2 })).toMatch(/^b: there is such a field already/);
  });
});

describe("converting", () => {
  const to = (type: (typeof castTypes)[number], value: unknown, more: object = {}): unknown => {
    const result = planCast({ to: type, ...more }).cast(value);
    return result instanceof Misfit ? `misfit: ${result.reason}` : result;
  };

  it.each([
    ["number", " 1.50 ", 1.5],
    ["number", "+1e3", 1_000],
    ["number", "-0", 0],
    ["number", "007", 7],
    ["number", ".5", 0.5],
    ["number", "5.", 5],
    ["number", null, null],
    ["number", "", "misfit: an empty text is not a number"],
    ["number", "12a", "misfit: the text is not a number"],
    ["number", "0x10", "misfit: the text is not a number"],
    ["number", "1e999", "misfit: the text is not a number"],
    [
      "number",
      "9007199254740993",
      "misfit: the text is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact",
    ],
    [
      "number",
      "-9007199254740993.0",
      "misfit: the text is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact",
    ],
    ["number", "9007199254740991.00", 9_007_199_254_740_991],
    ["number", "1e300", 1e300],
    ["number", Number.NaN, "misfit: not a number (NaN)"],
    ["number", Number.POSITIVE_INFINITY, "misfit: an infinite number"],
    ["number", true, "misfit: true or false is no number"],
    ["integer", "3.0", 3],
    ["integer", "3.5", "misfit: the number is not whole"],
    ["integer", "3.00000000000000000001", "misfit: the number is not whole"],
    ["integer", "9007199254740991.4", "misfit: the number is not whole"],
    ["integer", " -0.99999999999999999999 ", "misfit: the number is not whole"],
    ["integer", "1.0000000000000000000001e3", "misfit: the number is not whole"],
    ["integer", "1e-400", "misfit: the number is not whole"],
    ["integer", "-0.000000000000000000000", 0],
    ["integer", "+00012.30000000000000000E1", 123],
    ["integer", "90071992547409910e-1", 9_007_199_254_740_991],
    ["integer", "1500e-2", 15],
    ["integer", 3.5, "misfit: the number is not whole"],
    [
      "integer",
      2 ** 53,
      "misfit: the number is a whole number beyond 9007199254740991 (2^53 - 1), up to which they are exact",
    ],
    ["boolean", "Yes", true],
    ["boolean", "0", false],
    ["boolean", 1, true],
    ["boolean", 2, "misfit: a number is neither true nor false"],
    ["boolean", "maybe", "misfit: the text is not true or false"],
    ["boolean", "constructor", "misfit: the text is not true or false"],
    ["text", 1.5, "1.5"],
    ["text", false, "false"],
    ["text", [], "misfit: a list is no text"],
    ["text", Number.NaN, "misfit: not a number (NaN)"],
    ["date", "2026-01-31", "2026-01-31"],
    ["date", "2026/01/31", "2026-01-31"],
    ["date", "2026-01-31T23:30:00-05:00", "2026-01-31"],
    ["date", "2026-01-31 23:30", "2026-01-31"],
    ["date", "2026-02-30", "misfit: the text is not a date"],
    ["date", "31.01.2026", "misfit: the text is not a date"],
    ["date", 20260131, "misfit: a number is no date"],
    ["date", new Date(0), "misfit: what JSON has not is no date"],
    ["datetime", "2026-01-31T23:30:00-05:00", "2026-02-01T04:30:00.000Z"],
    ["datetime", "2026-01-31T10:00:00.5Z", "2026-01-31T10:00:00.500Z"],
    ["datetime", "2026-01-31T10:00", "misfit: the text names no time zone"],
    ["datetime", "2026-01-31T25:00:00Z", "misfit: the text is not a date with a time"],
    ["datetime", "2026-01-31", "misfit: the text is not a date with a time"],
  ] as const)("makes %s of %j: %j", (type, value, expected) => {
    expect(to(type, value)).toEqual(expected);
  });

  it("reads dates as they are written, and times without a zone in the one that is said", () => {
    expect(to("date", "31.1.2026", { format: "D.M.YYYY" })).toBe("2026-01-31");
    expect(to("date", "29.2.2025", { format: "D.M.YYYY" })).toBe("misfit: the text is not a date");
    expect(to("datetime", "2026-03-29T02:30", { zone: "+01:00" })).toBe("2026-03-29T01:30:00.000Z");
  });

  it("says which keys do not convert, and puts something else in their place where that is said", () => {
    const record = { a: "x", b: "", c: null };
    expect(failure({ cast: { a: "number", b: "integer", c: "number" } }, record)).toBe(
      "a: the text is not a number; b: an empty text is not a number",
    );
    const other = { to: "number", otherwise: -1 } as const;
    expect(done({ cast: { a: other, b: other, c: other, d: other } }, record)).toEqual({
      a: -1,
      b: -1,
      c: -1,
      d: -1,
    });
  });

  it("gives what it says that it gives, of anything", () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.date(),
      fc.constantFrom("1", "true", "2020-01-01", " 7 "),
    );
    fc.assert(
      fc.property(fc.constantFrom(...castTypes), value, (type, given) => {
        const compiled = compileTransform({ cast: { a: type } }, undefined);
        let made: unknown;
        try {
          made = compiled.apply({ a: given });
        } catch {
          return;
        }
        expect(fromJsonSchema(compiled.type)["~standard"].validate(made)).not.toHaveProperty("issues");
      }),
      { numRuns: 500 },
    );
  });
});

describe("what is known of the output", () => {
  const field = fc.constantFrom(
    { type: "string" },
    { type: "integer" },
    { type: ["number", "null"] },
    { type: "object", properties: { x: { type: "integer" }, y: { type: "string" } }, required: ["x"] },
    { type: "object", properties: { x: { type: "boolean" } }, additionalProperties: { type: "string" } },
  );
  const schemas = fc
    .tuple(
      fc.dictionary(fc.constantFrom("a", "b", "c"), field),
      fc.subarray(["a", "b", "c"]),
      fc.constantFrom(undefined, false, { type: "string" }),
    )
    .map(([properties, required, additionalProperties]) => ({
      type: "object",
      properties,
      required: required.filter((key) => Object.hasOwn(properties, key)),
      ...(additionalProperties !== undefined && { additionalProperties }),
    }));
  const leaf = fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.constant(null), fc.boolean());
  const values = fc.dictionary(
    fc.constantFrom("a", "b", "c", "d"),
    fc.oneof(leaf, fc.dictionary(fc.constantFrom("x", "y", "z"), leaf)),
  );
  const steps: fc.Arbitrary<TransformOptions> = fc.record(
    {
      flatten: fc.constantFrom(true as const, ["a"]),
      rename: fc.constantFrom({ a: "e" }, { a: "b", b: "a" }, { b: "f" }),
      cast: fc.constantFrom({ b: "text" as const }, { c: { to: "number" as const, otherwise: null } }),
      derive: fc.constantFrom({ g: "1" }, { b: 'get(record, "b", 0)' }),
      pick: fc.constantFrom(["b", "c"], ["c"]),
      drop: fc.constantFrom(["c"], ["b"]),
      nest: fc.constantFrom({ h: ["b"] }, { h: { i: "c" } }),
    },
    { requiredKeys: [] },
  );

  it("holds for every record that the input's schema takes", () => {
    let checked = 0;
    fc.assert(
      fc.property(
        schemas,
        steps,
        fc.array(values, { minLength: 10, maxLength: 40 }),
        (schema, options, records) => {
          const compiled = compileTransform(options, schema as never);
          if (compiled.problems.some(({ severity }) => severity === "error") || compiled.deriveError) return;
          const before = fromJsonSchema(schema as never)["~standard"];
          const after = fromJsonSchema(compiled.type)["~standard"];
          for (const record of records) {
            if ("issues" in (before.validate(record) as object)) continue;
            let made: unknown;
            try {
              made = compiled.apply(record);
            } catch {
              continue;
            }
            checked++;
            expect(after.validate(made)).not.toHaveProperty("issues");
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(checked).toBeGreaterThan(100);
  });
});

describe("transformRecords", () => {
  it("is an agent with a contract and a capability", async () => {
    const agent = transformRecords({ input: fromJsonSchema(order), pick: ["id"], cast: { id: "text" } });
    expect(agent).toMatchObject({ name: "transform", capabilities: ["data-transformation"] });
    expect(await agent.run({ id: 7, qty: "1", price: null, buyer: { name: "Ada" } })).toEqual({ id: "7" });
    await expect(agent.run({ id: "7" })).rejects.toMatchObject({ code: "VALIDATION_INPUT" });
  });

  it("fails with a message that names the key, and never the value", async () => {
    const agent = transformRecords({ cast: { pin: "integer" } });
    await expect(agent.run({ pin: "secret" })).rejects.toMatchObject({
      code: "EXECUTION",
      message: "The transform failed: pin: the text is not a number",
      retryable: false,
    });
  });

  it("refuses wrong options", () => {
    const make = (options: unknown) => () => transformRecords(options as never);
    expect(make({ renam: {} })).toThrow(/renam must be one of flatten.*/);
    expect(make({ pick: "a" })).toThrow(/pick must be a list of keys/);
    expect(make({ cast: { a: "numbr" } })).toThrow(/cast.a must be one of number, .*, got "numbr"/);
    expect(make({ cast: { a: { otherwise: 1 } } })).toThrow(/cast.a.to must be one of .*, got undefined/);
    expect(make({ cast: { a: 1 } })).toThrow(/cast.a must be a type/);
    expect(make({ rename: { a: 1 } })).toThrow(/rename.a must be a name/);
    expect(make({ derive: { a: "record." } })).toThrow(/^transformRecords: derive.a: .*expected/);
    expect(make({ flatten: { separator: 5 } })).toThrow(/flatten.separator must be a text, got 5/);
    expect(make({ flatten: { keys: "a" } })).toThrow(/flatten.keys must be a list of keys/);
    expect(make({ input: fromJsonSchema(order), drop: ["nte"] })).toThrow(/there is no such field: nte/);
    expect(make({ input: fromJsonSchema(order), derive: { a: { b: "1 + record.nte" } } })).toThrow(
      expect.objectContaining({
        name: "ExpressionError",
        message: "transformRecords: derive.a.b: record.nte: there is no such field",
        hint: "did you mean note?",
        path: ["a", "b"],
        source: "1 + record.nte",
      }),
    );
    expect(make({ drop: ["nte"], input: fromJsonSchema(order) })).toThrow(
      expect.objectContaining({
        message: "transformRecords: drop[0]: there is no such field: nte",
        details: { path: "drop[0]", expected: "a field of the records", got: '"nte"' },
        hint: 'Did you mean "note"?',
      }),
    );
    const format = "a format has YYYY, MM or M, and DD or D, each once";
    for (const [given, got] of [
      ["DD.MM", '"DD.MM"'],
      [5, "5"],
    ]) {
      expect(make({ cast: { a: { to: "date", format: given } } })).toThrow(
        expect.objectContaining({
          message: `transformRecords: cast.a.format: ${format}, got ${got}`,
          details: { path: "cast.a.format", expected: format, got },
          hint: "Such as DD.MM.YYYY.",
        }),
      );
    }
  });
});
