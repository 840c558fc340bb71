import { Ajv2020 } from "ajv/dist/2020.js";
import { AtomicError } from "@atomic-agents/core";
import { type JsonSchema, toJsonSchema } from "@atomic-agents/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { arbitraryBy, arbitraryOf, causeOf } from "./arbitrary-of.ts";
import { Builder } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { judge } from "./judge.ts";
import { nearMisses } from "./near-misses.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
const validates = (schema: JsonSchema | boolean, value: unknown): boolean => {
  const isValid = ajv.validate(schema, value);
  // What it compiled is kept for ever; these schemas are many, and used once.
  ajv.removeSchema(schema);
  return isValid;
};

const smallText = fc.string({ unit: "grapheme-ascii", maxLength: 3 });
const smallCount = fc.nat(3);
const key = fc.constantFrom("a", "b", "c", "a b");

const record = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<JsonSchema> =>
  fc.record(model, { requiredKeys: [], noNullPrototype: true });

/** JSON Schemas of all sorts; many take nothing. */
const { schema: schemas } = fc.letrec<{
  schema: JsonSchema | boolean;
  plain: JsonSchema;
  part: JsonSchema | boolean;
}>((tie) => ({
  plain: fc.oneof(
    record({
      type: fc.constantFrom("string"),
      minLength: smallCount,
      maxLength: smallCount,
      pattern: fc.constantFrom("^a", "b$", "^[a-c]*$", "x"),
    }),
    record({
      type: fc.constantFrom("number", "integer"),
      minimum: fc.integer({ min: -9, max: 9 }),
      exclusiveMaximum: fc.integer({ min: -9, max: 9 }),
      multipleOf: fc.constantFrom(1, 2, 3, 0.5),
    }),
    record({
      type: fc.constantFrom(
        "boolean",
        "null",
        ["string", "null"],
        ["integer", "object"],
        ["number", "array"],
      ),
    }),
    fc
      .uniqueArray(fc.oneof(smallText, smallCount, fc.constant(null)), { minLength: 1, maxLength: 3 })
      .map((values) => ({ enum: values })),
    smallText.map((value) => ({ const: value })),
    fc.constantFrom<JsonSchema>(
      {},
      { type: "object", properties: { next: { $ref: "#/$defs/list" } } },
      { $ref: "#/$defs/list" },
      { $ref: "#/$defs/text" },
    ),
  ),
  part: fc.oneof({ maxDepth: 3, depthSize: "small" }, tie("plain"), tie("schema")),
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    tie("plain"),
    record({
      type: fc.constant("object"),
      properties: fc.dictionary(key, tie("part"), { maxKeys: 3, noNullPrototype: true }),
      required: fc.uniqueArray(key, { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie("part")),
      propertyNames: fc.constantFrom({ minLength: 1 }, { enum: ["a", "z"] }),
      minProperties: smallCount,
      maxProperties: smallCount,
      patternProperties: fc.dictionary(fc.constantFrom("^x", "c"), tie("part"), {
        maxKeys: 1,
        noNullPrototype: true,
      }),
    }),
    record({
      type: fc.constant("array"),
      items: tie("part"),
      prefixItems: fc.array(tie("part"), { minLength: 1, maxLength: 2 }),
      minItems: smallCount,
      maxItems: smallCount,
      uniqueItems: fc.boolean(),
      contains: fc.constantFrom<JsonSchema>({ type: "string" }, { minimum: 2 }),
    }).map(({ contains, ...rest }) =>
      // Beside prefixItems, Ajv 8 overlooks contains in an empty array.
      rest.prefixItems === undefined && contains !== undefined ? { ...rest, contains } : rest,
    ),
    fc.array(tie("part"), { minLength: 1, maxLength: 3 }).map((members) => ({ anyOf: members })),
    fc.array(tie("part"), { minLength: 1, maxLength: 2 }).map((members) => ({ oneOf: members })),
    fc.array(tie("part"), { minLength: 1, maxLength: 2 }).map((members) => ({ allOf: members })),
    tie("plain").map((inner) => ({ not: inner })),
    fc
      .tuple(tie("plain"), tie("part"), tie("part"))
      .map(([condition, then, otherwise]) => ({ if: condition, then, else: otherwise })),
    fc.boolean(),
  ),
}));

const $defs = {
  text: { type: "string", minLength: 1 },
  list: {
    type: "object",
    properties: { value: { $ref: "#/$defs/text" }, next: { $ref: "#/$defs/list" } },
    required: ["value"],
  },
} as const;

const documents = schemas.map(
  (schema): JsonSchema => (typeof schema === "boolean" ? { allOf: [schema] } : { ...schema, $defs }),
);

const anyValue = fc
  .jsonValue()
  .map((value): unknown =>
    JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
      typeof inner === "number" ? Math.trunc(inner % 1_000) / 4 : inner,
    ),
  );

/** Ajv compiles each schema anew, which takes its time. */
const fewer = { numRuns: Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / 4) };

/** What is made of a schema; nothing for one that takes nothing, or of which nothing is found. */
function orNothing<TMade>(make: () => TMade): TMade | undefined {
  try {
    return make();
  } catch (thrown) {
    if (AtomicError.isInstance(thrown, "CONFIG")) return undefined;
    throw thrown;
  }
}

function samples<TValue>(arbitrary: fc.Arbitrary<TValue>, count: number): readonly TValue[] {
  return (
    orNothing(() => {
      try {
        return fc.sample(arbitrary, { numRuns: count, seed: 11 });
      } catch (thrown) {
        throw causeOf(thrown);
      }
    }) ?? []
  );
}

const Tree = z.object({
  name: z.string().min(1),
  get children() {
    return z.array(Tree);
  },
  get parent() {
    return Tree.optional();
  },
});

describe("arbitraryOf", () => {
  test("makes only what Ajv takes, of any schema", () => {
    let made = 0;
    fc.assert(
      fc.property(documents, (schema) => {
        const arbitrary = orNothing(() => arbitraryOf(schema));
        if (arbitrary === undefined) return;
        made++;
        const wrong = samples(arbitrary, 20).filter((value) => !validates(schema, value));
        expect(wrong).toEqual([]);
      }),
      fewer,
    );
    // Most schemas of this kind take something.
    expect(made).toBeGreaterThan(10);
  });

  test.each<readonly [string, z.ZodType]>([
    ["email", z.email()],
    ["url", z.url()],
    ["uuid", z.uuid()],
    ["date-time", z.iso.datetime()],
    ["date", z.iso.date()],
    ["time", z.iso.time()],
    ["duration", z.iso.duration()],
    ["ipv4", z.ipv4()],
    ["ipv6", z.ipv6()],
    ["base64", z.base64()],
    ["jwt", z.jwt()],
    ["emoji, whose pattern looks ahead", z.emoji()],
    ["several patterns", z.string().startsWith("ab").endsWith("c").includes("x")],
    ["a length", z.string().length(300)],
    ["a template", z.templateLiteral(["a-", z.int()])],
    ["cents", z.number().multipleOf(0.01).gt(0).lt(5)],
    ["a record", z.record(z.string().min(2), z.int())],
    ["a record of listed keys", z.record(z.enum(["a", "b"]), z.int())],
    ["a tuple", z.tuple([z.string(), z.int()], z.boolean())],
    ["a strict object", z.strictObject({ a: z.int().optional(), b: z.literal([1, "x", null]) })],
    ["what must not be there", z.object({ a: z.never().optional() })],
    [
      "a discriminated union",
      z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), x: z.int() }),
        z.strictObject({ kind: z.literal("b") }),
      ]),
    ],
    ["an intersection", z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() }))],
    ["null or a value", z.string().nullable()],
    ["any JSON", z.json()],
    ["a tree", Tree],
  ])("makes what Zod takes: %s", (_name, schema) => {
    const arbitrary = arbitraryOf(toJsonSchema(schema, "input"));
    const made = samples(arbitrary, 200);
    expect(made).toHaveLength(200);
    expect(made.filter((value) => !schema.safeParse(value).success)).toEqual([]);
  });

  test("does not make the same over and over", () => {
    const made = samples(arbitraryOf(toJsonSchema(Tree, "input")), 200);
    expect(new Set(made.map((value) => JSON.stringify(value))).size).toBeGreaterThan(100);
  });

  test("gives the same with the same seed, and shrinks to the least", () => {
    const arbitrary = arbitraryOf({
      type: "object",
      properties: { list: { type: "array", items: { type: "integer" } } },
      required: ["list"],
    });
    const sample = () => fc.sample(arbitrary, { numRuns: 20, seed: 3 });
    expect(sample()).toEqual(sample());
    const found = fc.check(
      fc.property(arbitrary, (value) =>
        (value as { readonly list: readonly number[] }).list.every((item) => item < 5),
      ),
      { seed: 3 },
    );
    expect(found.counterexample).toEqual([{ list: [5] }]);
  });

  test("reaches the bounds, what is left out, and what trips code", () => {
    const Schema = z.object({
      text: z.string().max(5),
      count: z.int().min(0).max(9),
      flag: z.boolean().optional(),
    });
    const made = samples(arbitraryOf(toJsonSchema(Schema, "input")), 500) as readonly z.input<
      typeof Schema
    >[];
    for (const wanted of [
      (value) => value.text === "",
      (value) => [...value.text].length === 5,
      (value) => [...value.text].some((character) => character > "~"),
      (value) => value.count === 0,
      (value) => value.count === 9,
      (value) => !("flag" in value),
      (value) => value.flag === false,
    ] satisfies ((value: z.input<typeof Schema>) => boolean)[]) {
      expect(made.some(wanted)).toBe(true);
    }
  });

  test("leaves out what need not be there and cannot be made, and notes what that was", () => {
    const schema = {
      type: "object",
      properties: {
        a: { $dynamicRef: "#x" },
        b: { anyOf: [{ type: "integer" }, { type: "string", pattern: "(" }] },
      },
      required: ["b"],
    } as const;
    const builder = new Builder(schema);
    const made = samples(arbitraryBy(builder), 50) as readonly { readonly b: unknown }[];
    expect(made.every((value) => !("a" in value) && Number.isInteger(value.b))).toBe(true);
    expect(builder.leftOut).toEqual([
      expect.stringContaining("keyword $dynamicRef at #/properties/a"),
      expect.stringContaining("keyword pattern at #/properties/b"),
    ]);
  });

  test("finds texts for patterns that say what a format is", () => {
    const date = "^(?=\\d{4})(\\d{4})-(0[1-9]|1[0-2])-([0-2]\\d)T.*Z$";
    expect(samples(arbitraryOf({ type: "string", pattern: date }), 20)).toHaveLength(20);
  });

  test("uses the examples of a schema, alone where nothing else is found", () => {
    const hard = {
      type: "string",
      pattern: "^(?=a{20}$)(?!b).*$",
      examples: ["a".repeat(20), "wrong"],
    } as const;
    expect(new Set(samples(arbitraryOf(hard), 20))).toEqual(new Set(["a".repeat(20)]));
  });

  test.each<readonly [JsonSchema | boolean, string, string]>([
    [false, "false", "#"],
    [{ type: "object", properties: { a: { not: {} } }, required: ["a"] }, "not", "#/properties/a"],
    [{ type: "string", minLength: 3, maxLength: 2 }, "minLength", "#"],
    [{ type: "string", pattern: "^(?=a{20}$)(?!b).*$" }, "pattern", "#"],
    [{ type: "string", pattern: "(" }, "pattern", "#"],
    [{ type: "integer", minimum: 0.2, maximum: 0.8 }, "minimum", "#"],
    [{ type: "integer", exclusiveMinimum: 1, exclusiveMaximum: 2 }, "exclusiveMinimum", "#"],
    [{ type: "array", minItems: 1_000_000 }, "minItems", "#"],
    [{ type: "array", items: { enum: [1] }, uniqueItems: true, minItems: 2 }, "uniqueItems", "#"],
    [{ $ref: "https://example.com/schema" }, "$ref", "#"],
    [{ $ref: "#/$defs/nowhere" }, "$ref", "#"],
    [{ $ref: "#" }, "$ref", "#"],
    [
      {
        $ref: "#/$defs/a",
        $defs: { a: { type: "object", properties: { a: { $ref: "#/$defs/a" } }, required: ["a"] } },
      },
      "$ref",
      "#/$defs/a/properties/a",
    ],
    [{ allOf: [{ type: "object" }], unevaluatedProperties: false }, "unevaluatedProperties", "#"],
    [{ type: "array", items: { $dynamicRef: "#node" } }, "$dynamicRef", "#/items"],
    [{ enum: [1, 2], type: "string" }, "enum", "#"],
  ])("says why it cannot generate for %j", (schema, keyword, path) => {
    expect(() => arbitraryOf(schema)).toThrow(CannotGenerate);
    try {
      arbitraryOf(schema);
    } catch (thrown) {
      expect(thrown).toMatchObject({
        code: "CONFIG",
        hint: expect.stringContaining("inputs of your own") as unknown,
      });
      const message = String(thrown);
      expect(message).toContain(`keyword ${keyword} at `);
      expect(message).toContain(` at ${path}`);
    }
  });
});

test.each([undefined, null, "text", []])("refuses %j, which is no schema", (given) => {
  expect(() => arbitraryOf(given as never)).toThrow(/its argument must be a JSON Schema/);
  expect(() => nearMisses(given as never)).toThrow(/its argument must be a JSON Schema/);
});

describe("judge", () => {
  test("agrees with Ajv, or says that it does not know", () => {
    let valid = 0;
    let invalid = 0;
    fc.assert(
      fc.property(documents, anyValue, (schema, any) => {
        const arbitrary = orNothing(() => arbitraryOf(schema));
        const values = [
          any,
          "",
          "a",
          0,
          3,
          null,
          [],
          {},
          { a: "a" },
          ...(arbitrary === undefined ? [] : samples(arbitrary, 5)),
        ];
        for (const value of values) {
          const { verdict } = judge(schema, value);
          // Of numbers so large Ajv 8 knows no multiples.
          if (verdict === "unknown" || /\de\+/.test(JSON.stringify(value))) continue;
          expect({ value, verdict }).toEqual({
            value,
            verdict: validates(schema, value) ? "valid" : "invalid",
          });
          if (verdict === "valid") valid++;
          else invalid++;
        }
      }),
      fewer,
    );
    expect(Math.min(valid, invalid)).toBeGreaterThan(30);
  });

  test.each<readonly [JsonSchema, unknown, string, string]>([
    [{ type: "string" }, 1, "type", ""],
    [{ properties: { a: { items: { minimum: 3 } } } }, { a: [3, 2] }, "minimum", "a[1]"],
    [{ required: ["a key"] }, {}, "required", '["a key"]'],
    [{ additionalProperties: false }, { b: 1 }, "additionalProperties", "b"],
    [{ dependentRequired: { a: ["b"] } }, { a: 1 }, "dependentRequired", "b"],
    [{ maxLength: 1 }, "ab", "maxLength", ""],
    [{ prefixItems: [true], items: false }, [1, 2], "items", ""],
  ])("says what is wrong and where: %j, %j", (schema, value, keyword, path) => {
    expect(judge(schema, value)).toEqual({ verdict: "invalid", keyword, path });
  });

  test("counts characters as people do, and cents too", () => {
    expect(judge({ maxLength: 1 }, "😀").verdict).toBe("valid");
    expect(judge({ multipleOf: 0.1 }, 0.3).verdict).toBe("valid");
    expect(judge({ multipleOf: 0.1 }, 0.35).verdict).toBe("invalid");
  });

  test.each<readonly [JsonSchema, string]>([
    [{ unevaluatedProperties: false }, "unevaluatedProperties"],
    [{ $ref: "#" }, "$ref"],
    [{ $ref: "other.json" }, "$ref"],
    [{ pattern: "(" }, "pattern"],
  ])("does not know %j", (schema, keyword) => {
    expect(judge(schema, "text")).toEqual({ verdict: "unknown", keyword });
  });
});

describe("nearMisses", () => {
  test("are refused by Ajv, whatever the schema, and can be found in a place", () => {
    let count = 0;
    fc.assert(
      fc.property(documents, (schema) => {
        for (const { keyword, arbitrary } of orNothing(() => nearMisses(schema)) ?? []) {
          if (keyword === "format") continue;
          const values = samples(arbitrary, 3);
          count += values.length;
          expect({ keyword, taken: values.filter((value) => validates(schema, value)) }).toEqual({
            keyword,
            taken: [],
          });
        }
      }),
      fewer,
    );
    expect(count).toBeGreaterThan(100);
  });

  const Order = z.strictObject({
    id: z.string().min(2).max(4),
    count: z.int().min(1).lt(10),
    kind: z.enum(["a", "b"]),
    lines: z
      .array(z.object({ mail: z.email() }))
      .min(1)
      .max(3),
    pair: z.tuple([z.string(), z.boolean()]),
    note: z.string().optional(),
  });

  test("are wrong in one place, and Zod's issue names it", () => {
    const misses = nearMisses(toJsonSchema(Order, "input"));
    for (const { what, path, arbitrary } of misses) {
      for (const value of samples(arbitrary, 10)) {
        const parsed = Order.safeParse(value);
        const paths = parsed.error?.issues.map((issue) => z.core.toDotPath(issue.path));
        expect({ what, paths: new Set(paths) }).toEqual({ what, paths: new Set([path]) });
      }
    }
    const names = misses.map(({ what, path }) => `${path}: ${what}`);
    expect(names).toEqual(
      expect.arrayContaining([
        ": null instead of an object",
        ": a key that is not allowed",
        "id: missing",
        "id: a text too short",
        "id: a text too long",
        "count: a number that is not whole",
        "count: a number below the least",
        "count: the number that it must be below",
        "kind: a value that is not listed",
        "lines: too few items",
        "lines: too many items",
        "lines[0].mail: missing",
        "lines[0].mail: a text that does not match",
        "pair: too many items",
        "pair[1]: another type than a boolean",
        "note: null instead of a string",
      ]),
    );
    expect(names).not.toContain("note: missing");
  });

  test("in a choice are in its place, for which way was meant nobody can tell", () => {
    const Choice = z.object({ shape: z.union([z.object({ side: z.int().min(1) }), z.string().min(3)]) });
    const misses = nearMisses(toJsonSchema(Choice, "input"));
    expect(misses.map(({ what, path }) => `${path}: ${what}`)).toEqual(
      expect.arrayContaining([
        "shape: a number below the least",
        "shape: a text too short",
        "shape: missing",
      ]),
    );
  });

  test("are none where everything is taken, and say where nothing can be made", () => {
    expect(nearMisses({})).toEqual([]);
    expect(() => nearMisses({ type: "array", items: { $ref: "elsewhere.json" } })).toThrow(
      /keyword \$ref at #\/items/,
    );
  });

  test("of what holds itself are found without end", () => {
    const paths = nearMisses(toJsonSchema(Tree, "input")).map(({ path }) => path);
    expect(paths).toContain("children[0].name");
    expect(paths.length).toBeLessThan(100);
  });
});
