import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { AnySchema } from "../schema.ts";
import { canParseOnce, inspectSchema } from "../traits.ts";

const traitsOf = (schema: AnySchema) => {
  const { opaqueChecks, transforms, parseIsIdempotent } = inspectSchema(schema);
  const text = ({ path, name }: { path: string; name: string }) => `${path}: ${name}`;
  return { opaque: opaqueChecks.map(text), transforms: transforms.map(text), once: parseIsIdempotent };
};

describe("what a Valibot schema hides", () => {
  it("is nothing for a plain one", () => {
    const schema = v.object({
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(9), v.regex(/^a/u), v.description("A text.")),
      count: v.pipe(v.number(), v.integer(), v.minValue(1), v.multipleOf(2)),
      tags: v.pipe(v.array(v.picklist(["a", "b"])), v.nonEmpty(), v.readonly()),
      pair: v.tuple([v.string(), v.optional(v.number())]),
      more: v.nullable(v.record(v.string(), v.union([v.string(), v.number()]))),
      kind: v.variant("k", [
        v.object({ k: v.literal(1) }),
        v.looseObject({ k: v.picklist(["a", "b"]), a: v.pipe(v.string(), v.brand("A")) }),
      ]),
    });
    expect(traitsOf(schema)).toEqual({ opaque: [], transforms: [], once: true });
  });

  it("names checks of one's own, with their path", () => {
    const schema = v.object({
      checked: v.pipe(
        v.string(),
        v.check(() => true),
      ),
      items: v.array(
        v.object({
          raw: v.pipe(
            v.string(),
            v.rawCheck(() => {}),
          ),
        }),
      ),
      some: v.pipe(
        v.array(v.string()),
        v.everyItem(() => true),
      ),
      made: v.custom<string>(() => true),
      instance: v.instance(Error),
      lazy: v.lazy(() => v.string()),
    });
    const { opaque, once } = traitsOf(schema);
    expect(opaque).toEqual([
      "checked: check",
      "items[].raw: raw_check",
      "some: every_item",
      "made: custom",
      "instance: instance",
      "lazy: lazy",
    ]);
    expect(once).toBe(false);
  });

  it("names checks that JSON Schema shows roughly, though a second parse is safe", () => {
    const schema = v.object({
      bytes: v.pipe(v.string(), v.maxBytes(9)),
      twice: v.pipe(v.string(), v.startsWith("a"), v.endsWith("b")),
      loose: v.pipe(v.string(), v.regex(/^a/i)),
    });
    expect(traitsOf(schema)).toEqual({
      opaque: ["bytes: max_bytes", "twice: ends_with", "loose: regex flags i"],
      transforms: [],
      once: true,
    });
  });

  it("names whatever may hand on another value", () => {
    const schema = v.object({
      trimmed: v.pipe(v.string(), v.trim(), v.toLowerCase()),
      length: v.pipe(
        v.string(),
        v.transform((text) => text.length),
        v.number(),
      ),
      given: v.optional(v.string(), "x"),
      nulled: v.nullish(v.string(), "x"),
      caught: v.fallback(v.string(), "x"),
      caughtPipe: v.fallback(v.pipe(v.string(), v.minLength(1)), "x"),
      inPipe: v.pipe(v.string(), v.fallback(v.pipe(v.string(), v.minLength(3)), "xyz")),
      record: v.record(v.pipe(v.string(), v.trim()), v.string()),
    });
    expect(traitsOf(schema)).toMatchObject({
      opaque: [],
      transforms: [
        "trimmed: trim",
        "trimmed: to_lower_case",
        "length: transform",
        "given: default",
        "nulled: default",
        "caught: fallback",
        "caughtPipe: fallback",
        "inPipe: fallback",
        "record.(key): trim",
      ],
      once: false,
    });
  });
});

describe("what may be parsed once", () => {
  const a = v.object({ a: v.string(), k: v.optional(v.number()) });
  const b = v.object({ a: v.string(), c: v.string() });

  it("is a union whose options cannot take each other's results, and no other", () => {
    expect(canParseOnce(v.union([a, b]))).toBe(false);
    expect(v.parse(v.union([a, b]), v.parse(v.union([a, b]), { a: "1", k: "no", c: "3" }))).toEqual({
      a: "1",
    });

    expect(canParseOnce(v.union([a, v.string(), v.null()]))).toBe(true);
    // Valibot's objects take arrays.
    expect(canParseOnce(v.union([a, v.array(b)]))).toBe(false);
    const strict = v.union([v.strictObject({ a: v.string() }), v.strictObject({ b: v.string() })]);
    expect(canParseOnce(strict)).toBe(false);
    expect(canParseOnce(v.union([v.array(v.string()), v.array(v.number())]))).toBe(true);
  });

  it("is a variant whose tags are different literals", () => {
    const tag = (value: string) => v.object({ k: v.literal(value), a: v.optional(v.string()) });
    expect(canParseOnce(v.variant("k", [tag("x"), tag("y")]))).toBe(true);
    expect(canParseOnce(v.variant("k", [tag("x"), tag("x")]))).toBe(false);
    expect(canParseOnce(v.variant("k", [tag("x"), v.object({ k: v.string() })]))).toBe(false);
  });

  it("is no schema that is asynchronous, intersected, or remembers where it stopped", () => {
    expect(canParseOnce(v.objectAsync({ a: v.string() }))).toBe(false);
    expect(canParseOnce(v.intersect([a, b]))).toBe(false);
    expect(canParseOnce(v.pipe(v.string(), v.regex(/a/g)))).toBe(false);
    // An object schema takes arrays, though its type does not say so.
    const behind = v.strictObject({}) as unknown as v.GenericSchema<string[]>;
    expect(canParseOnce(v.pipe(v.array(v.string()), behind))).toBe(false);
    expect(canParseOnce(v.pipe(v.string(), v.picklist(["a"])))).toBe(true);
    expect(canParseOnce(v.object({ constructor: v.any() }))).toBe(false);
  });
});

type Sync = v.GenericSchema;

const leaves: readonly Sync[] = [
  v.string(),
  v.pipe(v.string(), v.minLength(2)),
  v.number(),
  v.literal("a"),
  v.picklist(["a", "b"]),
  v.null(),
  v.any(),
  v.date(),
  v.pipe(v.string(), v.trim()),
  v.pipe(v.string(), v.minLength(3), v.trim()),
  v.fallback(v.string(), "c"),
  v.pipe(
    v.string(),
    v.check((text) => text !== "b"),
  ),
];
const someKey = fc.constantFrom("a", "b", "k", "constructor", "__proto__");
const { anyValue } = fc.letrec<{ anyValue: unknown }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>("", "a", "b", " a ", "abc", 0, 1, null, true, undefined, new Date(0)),
    fc.dictionary(someKey, tie("anyValue"), { maxKeys: 3 }),
    fc.array(tie("anyValue"), { maxLength: 3 }),
    fc.array(tie("anyValue"), { maxLength: 2 }).map((items) => new Set(items)),
  ),
}));
const { schemas } = fc.letrec<{ schemas: Sync }>((tie) => {
  const one = tie("schemas");
  const few = fc.array(one, { minLength: 1, maxLength: 3 });
  const fields = fc.dictionary(fc.constantFrom("a", "b", "k"), fc.tuple(one, fc.boolean()), { maxKeys: 3 });
  return {
    schemas: fc.oneof(
      { maxDepth: 3, depthSize: "medium" },
      { weight: 5, arbitrary: fc.constantFrom(...leaves) },
      {
        weight: 6,
        arbitrary: fc
          .tuple(fields, fc.constantFrom(v.object, v.strictObject, v.looseObject))
          .map(([shape, make]) =>
            (make as typeof v.object)(
              Object.fromEntries(
                Object.entries(shape).map(([key, [schema, isOptional]]) => [
                  key,
                  isOptional ? v.optional(schema) : schema,
                ]),
              ),
            ),
          ),
      },
      { weight: 5, arbitrary: few.map((options) => v.union(options)) },
      one.map((schema) => v.array(schema)),
      few.map((items) => v.tuple(items as [Sync])),
      few.map((items) => v.looseTuple(items as [Sync])),
      one.map((schema) => v.record(v.string(), schema)),
      one.map((schema) => v.set(schema)),
      one.map((schema) => v.nullable(schema)),
      one.map((schema) => v.nonOptional(schema)),
      few.map((options) => v.intersect(options as [Sync])),
      fc.tuple(one, one).map(([first, second]) => v.pipe(first, second as v.GenericSchema<unknown>)),
    ),
  };
});

describe("a schema that may be parsed once", { timeout: 120_000 }, () => {
  it("gives the same for what it gave", async () => {
    const runs = fc.readConfigureGlobal().numRuns ?? 100;
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(
        schemas,
        fc.array(anyValue, { minLength: 10, maxLength: 10 }),
        async (schema, values) => {
          if (!canParseOnce(schema)) return;
          for (const value of values) {
            const first = await schema["~standard"].validate(value);
            if (first.issues) continue;
            passed += 1;
            const second = await schema["~standard"].validate(first.value);
            if (second.issues) throw new Error("refused");
            if (!isDeepStrictEqual(second.value, first.value)) throw new Error("differs");
          }
        },
      ),
      { numRuns: runs * 30 },
    );
    // Otherwise the property was never put to the test.
    expect(passed).toBeGreaterThan(runs);
  });
});
