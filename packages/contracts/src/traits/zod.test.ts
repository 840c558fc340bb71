import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as zm from "zod/mini";
import { canParseOnce, inspectSchema } from "../traits.ts";

const traitsOf = (schema: z.core.$ZodType) => {
  const { opaqueChecks, transforms, parseIsIdempotent } = inspectSchema(schema);
  const text = ({ path, name }: { path: string; name: string }) => `${path}: ${name}`;
  return { opaque: opaqueChecks.map(text), transforms: transforms.map(text), once: parseIsIdempotent };
};

describe("what a Zod schema hides", () => {
  it("is nothing for a plain one", () => {
    const schema = z.object({
      text: z.string().min(1).max(9).regex(/^a/),
      count: z.int().positive().multipleOf(2),
      tags: z.array(z.enum(["a", "b"])).nonempty(),
      pair: z.tuple([z.string(), z.number().optional()]).rest(z.null()),
      more: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
      kind: z.discriminatedUnion("k", [
        z.object({ k: z.literal(1) }),
        z.object({ k: z.literal(2), a: z.email() }),
      ]),
    });
    expect(traitsOf(schema)).toEqual({ opaque: [], transforms: [], once: true });
  });

  it("names checks of one's own, with their path", () => {
    const schema = z.object({
      refined: z.string().refine(() => true),
      items: z.array(z.object({ name: z.string().superRefine(() => {}) })),
      checked: z.number().check(() => {}),
      made: z.custom<string>(() => true),
      instance: z.instanceof(Error),
      format: z.stringFormat("even", (text) => text.length % 2 === 0),
      token: z.string().check(z.property("length", z.number())),
      // Not in the types of `min`, but taken at run time.
      when: z.string().min(1, { when: () => false } as { error?: string }),
    });
    const { opaque, once } = traitsOf(schema);
    expect(opaque).toEqual([
      "refined: refine",
      "items[].name: check",
      "checked: check",
      "made: custom",
      "instance: custom",
      "format: format even",
      "token: property",
      "when: min_length when",
    ]);
    expect(once).toBe(false);
  });

  it("names checks that JSON Schema shows roughly, though a second parse is safe", () => {
    const schema = z.object({ token: z.jwt(), card: z.creditCard(), loose: z.string().regex(/^a/i) });
    expect(traitsOf(schema)).toEqual({
      opaque: ["token: format jwt", "card: format credit_card", "loose: regex flags i"],
      transforms: [],
      once: true,
    });
  });

  it("names whatever may hand on another value", () => {
    const schema = z.object({
      trimmed: z.string().trim().toLowerCase(),
      length: z.string().transform((text) => text.length),
      given: z.string().default("x"),
      before: z.string().prefault("x"),
      caught: z.string().catch("x"),
      number: z.coerce.number(),
      date: z.codec(z.iso.datetime(), z.date(), {
        decode: (text) => new Date(text),
        encode: (date) => date.toISOString(),
      }),
      pre: z.preprocess((value) => value, z.string()),
      flag: z.stringbool(),
      link: z.url(),
    });
    expect(traitsOf(schema)).toEqual({
      opaque: ["link: format url"],
      transforms: [
        "trimmed: overwrite",
        "trimmed: overwrite",
        "length: transform",
        "given: default",
        "before: prefault",
        "caught: catch",
        "number: coerce",
        "date: codec",
        "pre: transform",
        "flag: codec",
        "link: url",
      ],
      once: false,
    });
  });

  it("is found through unions, tuples, records, maps, sets and recursion", () => {
    const trimmed = () => z.string().trim();
    const schema = z.object({
      either: z.union([z.number(), trimmed()]),
      both: z.intersection(z.object({ a: trimmed() }), z.object({ b: z.string() })),
      pair: z.tuple([z.string(), trimmed()]).rest(trimmed()),
      record: z.record(trimmed(), trimmed()),
      map: z.map(z.string(), trimmed()),
      set: z.set(trimmed()),
      "odd key": trimmed(),
      get self() {
        return z.array(schema);
      },
      lazy: z.lazy(trimmed),
    });
    expect(traitsOf(schema).transforms).toEqual([
      "either|1: overwrite",
      "both&0.a: overwrite",
      "pair[1]: overwrite",
      "pair[]: overwrite",
      "record.(key): overwrite",
      "record.*: overwrite",
      "map.*: overwrite",
      "set[]: overwrite",
      '["odd key"]: overwrite',
      "lazy: overwrite",
    ]);
  });

  it("is the same for Zod Mini", () => {
    expect(traitsOf(zm.object({ a: zm.string().check(zm.trim(), zm.minLength(1)) })).transforms).toEqual([
      "a: overwrite",
    ]);
    expect(canParseOnce(zm.object({ a: zm.string().check(zm.minLength(1)) }))).toBe(true);
  });

  it("is everything for a schema that cannot be read yet, and is asked again", () => {
    const later: { schema?: z.ZodType } = {};
    const schema = z.object({
      get part(): z.ZodType {
        if (later.schema === undefined) throw new ReferenceError("not yet");
        return later.schema;
      },
    });
    expect(canParseOnce(schema)).toBe(false);
    later.schema = z.string();
    expect(canParseOnce(schema)).toBe(true);
  });
});

describe("what may be parsed once", () => {
  it("is a union whose options cannot take each other's results, and no other", () => {
    const a = z.object({ a: z.string(), k: z.number().optional() });
    const b = z.object({ a: z.string(), c: z.string() });
    expect(canParseOnce(z.union([a, b]))).toBe(false);
    expect(z.union([a, b]).parse(z.union([a, b]).parse({ a: "1", k: "no", c: "3" }))).toEqual({ a: "1" });

    expect(canParseOnce(z.union([a, z.array(b), z.string(), z.null()]))).toBe(true);
    expect(
      canParseOnce(z.union([z.strictObject({ a: z.string() }), z.strictObject({ b: z.string() })])),
    ).toBe(true);
    expect(canParseOnce(z.xor([z.strictObject({ a: z.string() }), z.strictObject({ b: z.string() })]))).toBe(
      false,
    );
    expect(canParseOnce(z.xor([z.string(), z.number()]))).toBe(true);
  });

  it("is no schema with a key that every object has", () => {
    // An object without a prototype lacks it, the result has one.
    const schema = z.object({ toString: z.unknown() });
    expect(canParseOnce(schema)).toBe(false);
  });

  it("is no intersection, no lazy and no asynchronous schema", () => {
    expect(canParseOnce(z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })))).toBe(
      false,
    );
    expect(canParseOnce(z.lazy(() => z.string()))).toBe(false);
    expect(canParseOnce(z.promise(z.string()))).toBe(false);
    expect(canParseOnce(z.string().refine(async () => true))).toBe(false);
  });

  it("is a recursive object", () => {
    const schema = z.object({
      text: z.string(),
      get children() {
        return z.array(schema);
      },
    });
    expect(canParseOnce(schema)).toBe(true);
  });
});

/** A schema, and values that have a chance to pass it. */
interface Sample {
  readonly schema: z.ZodType;
  readonly values: fc.Arbitrary<unknown>;
}

const someKey = fc.constantFrom("a", "b", "k", "constructor");
const someLeaf = fc.constantFrom<unknown>(
  "",
  "a",
  " a ",
  "b",
  "1",
  0,
  1,
  -0,
  1.5,
  null,
  true,
  undefined,
  new Date(0),
);
const { anyValue } = fc.letrec<{ anyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    someLeaf,
    fc.dictionary(fc.oneof(someKey, fc.constant("__proto__")), tie("anyValue"), { maxKeys: 4 }),
    fc.array(tie("anyValue"), { maxLength: 3 }),
    fc.array(fc.tuple(someLeaf, tie("anyValue")), { maxLength: 2 }).map((entries) => new Map(entries)),
    fc.array(tie("anyValue"), { maxLength: 2 }).map((items) => new Set(items)),
  ),
}));

const leaves: readonly Sample[] = [
  [z.string(), fc.constantFrom("a", " a ")],
  [z.string().min(2), fc.constantFrom("aa", " a ")],
  [z.number(), fc.constantFrom(0, -0, 1.5)],
  [z.int().min(1), fc.constant(1)],
  [z.boolean(), fc.boolean()],
  [z.literal("a"), fc.constant("a")],
  [z.enum(["a", "b"]), fc.constantFrom("a", "b")],
  [z.null(), fc.constant(null)],
  [z.undefined(), fc.constant(undefined)],
  [z.any(), anyValue],
  [z.unknown(), anyValue],
  [z.date(), fc.constant(new Date(0))],
  [z.email(), fc.constant("a@example.com")],
  [z.string().trim(), fc.constantFrom("a", " a ")],
  [z.string().min(3).trim(), fc.constantFrom("aaa", " a ")],
  [z.url(), fc.constantFrom(" https://example.com ", "https://example.com")],
  [z.string().default("d"), fc.constantFrom("a", undefined)],
  [z.string().catch("c"), anyValue],
  [z.coerce.number(), someLeaf],
  [z.string().transform((text) => `${text}!`), fc.constant("a")],
  [z.string().refine((text) => text !== "b"), fc.constantFrom("a", "b")],
].map(([schema, values]) => ({ schema: schema as z.ZodType, values: values as fc.Arbitrary<unknown> }));

const samples = fc.letrec<{ sample: Sample; leaf: Sample }>((tie) => {
  const few = fc.array(tie("sample"), { minLength: 1, maxLength: 3 });
  const wrap = (of: (schema: z.ZodType) => z.ZodType, extra: fc.Arbitrary<unknown>) =>
    tie("sample").map(({ schema, values }) => ({ schema: of(schema), values: fc.oneof(values, extra) }));
  const shapes = fc.uniqueArray(fc.tuple(someKey, tie("sample"), fc.boolean()), {
    selector: ([key]) => key,
    maxLength: 3,
  });
  const objects = fc
    .tuple(shapes, fc.constantFrom("strip", "strict", "loose", "catchall"))
    .map(([shape, mode]) => {
      const object = z.object(
        Object.fromEntries(
          shape.map(([key, { schema }, isOptional]) => [key, isOptional ? schema.optional() : schema]),
        ),
      );
      const modes = {
        strip: object,
        strict: object.strict(),
        loose: object.loose(),
        catchall: object.catchall(z.string()),
      };
      const fields = Object.fromEntries(shape.map(([key, { values }]) => [key, values]));
      const requiredKeys = shape.filter(([, , isOptional]) => !isOptional).map(([key]) => key);
      const values = fc
        .tuple(
          fc.record(fields, { requiredKeys }),
          fc.dictionary(fc.oneof(someKey, fc.constant("__proto__")), someLeaf, { maxKeys: 2 }),
        )
        .map(([declared, extra]) => ({ ...extra, ...declared }));
      return { schema: modes[mode], values };
    });
  return {
    leaf: fc.constantFrom(...leaves),
    sample: fc.oneof(
      { maxDepth: 3, depthSize: "medium" },
      { arbitrary: tie("leaf"), weight: 4 },
      { arbitrary: objects, weight: 6 },
      {
        arbitrary: few.map((options) => ({
          schema: z.union(options.map(({ schema }) => schema) as [z.ZodType]),
          values: fc.oneof(...options.map(({ values }) => values)),
        })),
        weight: 5,
      },
      few.map((options) => ({
        schema: z.xor(options.map(({ schema }) => schema) as [z.ZodType]),
        values: fc.oneof(...options.map(({ values }) => values)),
      })),
      tie("sample").map(({ schema, values }) => ({
        schema: z.array(schema),
        values: fc.array(values, { maxLength: 3 }),
      })),
      few.map((items) => ({
        schema: z.tuple(items.map(({ schema }) => schema) as [z.ZodType]),
        values: fc.tuple(...items.map(({ values }) => values)),
      })),
      tie("sample").map(({ schema, values }) => ({
        schema: z.record(z.string(), schema),
        values: fc.dictionary(fc.oneof(someKey, fc.constant("__proto__")), values, { maxKeys: 3 }),
      })),
      tie("sample").map(({ schema, values }) => ({
        schema: z.map(schema, schema),
        values: fc.array(fc.tuple(values, values), { maxLength: 2 }).map((entries) => new Map(entries)),
      })),
      tie("sample").map(({ schema, values }) => ({
        schema: z.set(schema),
        values: fc.array(values, { maxLength: 2 }).map((items) => new Set(items)),
      })),
      wrap((schema) => schema.optional(), fc.constant(undefined)),
      wrap((schema) => schema.nullable(), fc.constant(null)),
      wrap((schema) => schema.readonly(), fc.constant(null)),
      wrap((schema) => schema.nonoptional(), fc.constant(null)),
      few.map(([first, second = first]) => ({
        schema: z.intersection(first?.schema ?? z.any(), second?.schema ?? z.any()),
        values: first?.values ?? anyValue,
      })),
      few.map(([first, second = first]) => ({
        schema: z.pipe(first?.schema ?? z.any(), second?.schema ?? z.any()),
        values: fc.oneof(first?.values ?? anyValue, second?.values ?? anyValue),
      })),
    ),
  };
}).sample;

/** Small objects with few keys in common: the ground where options of a union take each other's results. */
const someUnion = fc
  .tuple(
    fc.constantFrom("union", "xor", "nested"),
    fc.array(
      fc.tuple(
        fc.constantFrom("strip", "strict", "loose"),
        fc.uniqueArray(
          fc.tuple(fc.constantFrom("a", "b", "k"), fc.constantFrom("string", "number"), fc.boolean()),
          {
            selector: ([key]) => key,
            maxLength: 3,
          },
        ),
      ),
      { minLength: 2, maxLength: 3 },
    ),
  )
  .map(([kind, shapes]) => {
    const options = shapes.map(([mode, fields]) => {
      const object = z.object(
        Object.fromEntries(
          fields.map(([key, type, isOptional]) => {
            const field: z.ZodType = type === "string" ? z.string() : z.number();
            return [key, isOptional ? field.optional() : field];
          }),
        ),
      );
      return { strip: object, strict: object.strict(), loose: object.loose() }[mode] ?? object;
    }) as unknown as [z.ZodObject];
    return kind === "xor"
      ? z.xor(options)
      : kind === "union"
        ? z.union(options)
        : z.array(z.union(options)).nullable();
  });
const smallObject = fc.dictionary(fc.constantFrom("a", "b", "k"), fc.constantFrom("a", 1), { maxKeys: 3 });

/** Parses twice where that is said to be needless, and counts the values that passed. */
async function passesTwice(schema: z.ZodType, values: readonly unknown[]): Promise<number> {
  if (!canParseOnce(schema)) return 0;
  let passed = 0;
  for (const value of values) {
    const first = await schema["~standard"].validate(value);
    if (first.issues) continue;
    passed += 1;
    const second = await schema["~standard"].validate(first.value);
    if (second.issues) throw new Error(`refused: ${JSON.stringify(second.issues)}`);
    if (!isDeepStrictEqual(second.value, first.value)) throw new Error("differs");
  }
  return passed;
}

const runs = fc.readConfigureGlobal().numRuns ?? 100;

describe("a schema that may be parsed once gives the same for what it gave", { timeout: 120_000 }, () => {
  it("of any make", async () => {
    let passed = 0;
    const cases = samples.chain(({ schema, values }) =>
      fc.tuple(
        fc.constant(schema),
        fc.array(fc.oneof({ weight: 4, arbitrary: values }, anyValue), { minLength: 5, maxLength: 5 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([schema, values]) => {
        passed += await passesTwice(schema, values);
      }),
      { numRuns: runs * 15 },
    );
    // Otherwise the property was never put to the test.
    expect(passed).toBeGreaterThan(runs * 5);
  });

  it("of objects in unions", async () => {
    let passed = 0;
    const values = fc.array(fc.oneof(smallObject, fc.array(smallObject, { maxLength: 2 })), {
      minLength: 10,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(someUnion, values, async (schema, some) => {
        passed += await passesTwice(schema, some);
      }),
      { numRuns: runs * 15 },
    );
    expect(passed).toBeGreaterThan(runs / 2);
  });
});
