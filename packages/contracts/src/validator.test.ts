import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import * as mini from "zod/mini";
import { fromJsonSchema } from "./json-schema/from-json-schema.ts";
import type { AnySchema, Validated } from "./schema.ts";
import { type Validator, validatorOf } from "./validator.ts";
import { loadZodCompiler } from "./vendors/zod-compiler.ts";

/** Has a validator see so many values that whatever it does after many is done. */
async function warm(validator: Validator): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await validator.validate(null);
  await loadZodCompiler();
  for (let turn = 0; turn < 1_000; turn++) await validator.validate(null);
}

/** Whether a value that a schema takes does without the schema itself. */
async function passesBy(schema: z.core.$ZodType, validator: Validator, value: unknown): Promise<boolean> {
  const run = vi.spyOn(schema._zod, "run");
  expect(await validator.validate(value)).not.toHaveProperty("issues");
  const { length } = run.mock.calls;
  run.mockRestore();
  return length === 0;
}

async function isCompiled(schema: z.core.$ZodType, value: unknown): Promise<boolean> {
  const validator = validatorOf(schema);
  await warm(validator);
  return passesBy(schema, validator, value);
}

/** All of a value that code can see: keys in order, what they hold, where it comes from, what may be done to it. */
function seen(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : value;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return {
    isArray: Array.isArray(value),
    length: Array.isArray(value) ? value.length : undefined,
    isFrozen: Object.isFrozen(value),
    entries: Reflect.ownKeys(value).map((key) => [key, seen(Reflect.get(value, key))]),
  };
}

async function told(validator: Validator, value: unknown) {
  let result: Validated<unknown>;
  try {
    result = await validator.validate(value);
  } catch (error) {
    return { thrown: error };
  }
  if (result.issues !== undefined) return { issues: result.issues };
  return { value: seen(result.value), isSame: result.value === value };
}

const text = fc.oneof(
  fc.constant(z.string()),
  fc.constant(z.string().min(1).max(5)),
  fc.constant(z.string().length(2)),
  fc.constant(z.string().trim().min(1)),
  fc.constant(z.string().regex(/^[a-c]+$/)),
  fc.constant(z.email()),
  fc.constant(z.url()),
  fc.constant(z.iso.datetime()),
  fc.constant(z.enum(["a", "b"])),
  fc.constant(z.literal(["a", 1, null])),
  fc.constant(z.string().default("d")),
  fc.constant(z.coerce.string()),
);
const other = fc.oneof(
  fc.constant(z.number()),
  fc.constant(z.int()),
  fc.constant(z.int().min(0).max(10)),
  fc.constant(z.number().gt(0).lt(1)),
  fc.constant(z.number().multipleOf(0.1)),
  fc.constant(z.coerce.number()),
  fc.constant(z.boolean()),
  fc.constant(z.null()),
  fc.constant(z.undefined()),
  fc.constant(z.date()),
  fc.constant(z.bigint()),
  fc.constant(z.any()),
  fc.constant(z.unknown()),
  fc.constant(z.never()),
);
const keys = fc.constantFrom("a", "b", "0", "constructor", "a b", "kind");
const { schemas } = fc.letrec<{ schemas: z.ZodType; objects: z.ZodObject }>((tie) => ({
  schemas: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    other,
    tie("objects"),
    fc
      .tuple(tie("schemas"), fc.constantFrom("optional", "nullable", "nullish"))
      .map(([inner, wrapper]) => inner[wrapper as "optional"]()),
    tie("schemas").map((item) => z.array(item)),
    tie("schemas").map((item) => z.array(item).min(1).max(2)),
    fc.tuple(tie("schemas"), tie("schemas")).map((items) => z.tuple(items)),
    fc.tuple(tie("schemas"), tie("schemas")).map((options) => z.union(options)),
    fc.tuple(tie("objects"), tie("objects")).map(([left, right]) => z.intersection(left, right)),
    tie("schemas").map((item) => z.record(z.string(), item)),
    fc
      .tuple(tie("schemas"), tie("schemas"))
      .map(([a, b]) =>
        z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("a"), a }),
          z.object({ kind: z.literal("b"), b }),
        ]),
      ),
  ),
  objects: fc
    .tuple(fc.dictionary(keys, tie("schemas"), { maxKeys: 4 }), fc.constantFrom("strip", "strict", "loose"))
    .map(([shape, mode]) =>
      mode === "strict" ? z.strictObject(shape) : mode === "loose" ? z.looseObject(shape) : z.object(shape),
    ),
}));

const { values } = fc.letrec((tie) => ({
  values: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>(
      "",
      "a",
      "b",
      " a ",
      "ab",
      "abcdef",
      "a@b.co",
      "https://a.b/ c",
      "2020-01-01T00:00:00Z",
    ),
    fc.constantFrom<unknown>(
      0,
      -0,
      1,
      0.3,
      5,
      11,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "1",
      true,
      null,
    ),
    fc.constantFrom<unknown>(
      undefined,
      1n,
      new Date(0),
      new Date(Number.NaN),
      Symbol.iterator,
      new Map(),
      () => 1,
    ),
    fc.dictionary(keys, tie("values"), { maxKeys: 5 }),
    fc.dictionary(keys, tie("values"), { maxKeys: 5, noNullPrototype: false }),
    fc.dictionary(fc.constantFrom("__proto__", "a"), tie("values")),
    fc.array(tie("values"), { maxLength: 3 }),
    fc.sparseArray(tie("values"), { maxLength: 4 }),
  ),
}));

describe("what is compiled", () => {
  it.each([
    ["an object", z.object({ a: z.string().min(1), b: z.int().optional() }), { a: "x" }],
    ["an array of objects", z.array(z.object({ a: z.number() })), [{ a: 1 }]],
    [
      "with trimming and coercion",
      z.object({ a: z.string().trim().toLowerCase(), b: z.coerce.number() }),
      { a: " x", b: "1" },
    ],
    ["a union by a key", z.discriminatedUnion("a", [z.object({ a: z.literal("x") })]), { a: "x" }],
    ["of Zod Mini", mini.object({ a: mini.string() }), { a: "x" }],
  ])("%s", async (_what, schema, value) => {
    expect(await isCompiled(schema, value)).toBe(true);
  });

  const many = (count: number) => Array.from({ length: count }, () => z.string());
  const doubled = (times: number): z.ZodType => {
    let schema: z.ZodType = z.string();
    for (let time = 0; time < times; time++) schema = z.object({ a: schema, b: schema });
    return schema;
  };
  const own = z.string().refine((given) => given !== "no");
  it.each([
    ["a check of the user's own", z.object({ own }), { own: "x" }],
    ["a transform", z.object({ a: z.string().transform((given) => given.length) }), { a: "x" }],
    ["a custom schema", z.object({ a: z.instanceof(Date) }), { a: new Date(0) }],
    ["a fallback", z.object({ a: z.string().catch("x") }), { a: "x" }],
    ["a codec", z.codec(z.string(), z.number(), { decode: Number, encode: String }), "1"],
    ["an asynchronous check", z.string().refine(async (given) => given !== "no"), "x"],
    ["a default, which may come of a function", z.object({ a: z.string().default(() => "x") }), {}],
    ["something to be parsed in place of nothing", z.object({ a: z.string().prefault(() => "x") }), {}],
    [
      "an alteration of the user's own",
      z.object({ a: z.string().overwrite((given) => `${given}!`) }),
      { a: "x" },
    ],
    ["a schema that comes of a function", z.object({ a: z.lazy(() => z.string()) }), { a: "x" }],
    ["an exclusive union", z.object({ a: z.xor([z.string(), z.number()]) }), { a: "x" }],
    ["more parts than code should have", z.tuple([z.string(), ...many(300)]), ["x", ...Array(300).fill("x")]],
    ["parts that are used so often that there would be too much code", z.array(doubled(12)), []],
  ])("not what has %s", async (_what, schema, value) => {
    expect(await isCompiled(schema, value)).toBe(false);
  });

  it("also where all of many values come before the compiler can be there", async () => {
    vi.resetModules();
    const fresh = await import("./validator.ts");
    const schema = z.object({ a: z.string() });
    const validator = fresh.validatorOf(schema);
    for (let turn = 0; turn < 3_000; turn++) void validator.validate({ a: "x" });
    await (await import("./vendors/zod-compiler.ts")).loadZodCompiler();
    void validator.validate({ a: "x" });
    expect(await passesBy(schema, validator, { a: "x" })).toBe(true);
  });

  it("not where code may not be made of text", async () => {
    z.config({ jitless: true });
    try {
      expect(await isCompiled(z.object({ a: z.string() }), { a: "x" })).toBe(false);
    } finally {
      z.config({ jitless: false });
    }
  });

  it("not what another version of Zod has made", async () => {
    const schema = z.object({ a: z.string() });
    Object.defineProperty(schema._zod, "version", { value: { major: 4, minor: 99, patch: 0 } });
    expect(await isCompiled(schema, { a: "x" })).toBe(false);
  });

  it("nothing is asked for what it refers to before values do", async () => {
    const later = new Map<string, z.ZodType>();
    const asked = (): z.ZodType => {
      const schema = later.get("it");
      if (schema === undefined) throw new Error("not there yet");
      return schema;
    };
    const outer = z.lazy(asked);
    const inner = z.array(z.lazy(asked));
    const validators = [validatorOf(outer), validatorOf(inner)];
    for (let turn = 0; turn < 1_100; turn++) await validators[1]?.validate(null);
    later.set("it", z.string());
    expect(await validators[0]?.validate("x")).toEqual({ value: "x" });
    expect(await validators[1]?.validate(["x"])).toEqual({ value: ["x"] });
  });

  it("not what is compiled already", async () => {
    expect(await isCompiled(z.compile(z.object({ a: z.string() })), { a: "x" })).toBe(false);
  });

  it("not what was made to validate differently", async () => {
    const text = z.string();
    const validate = (): Validated<string> => ({ value: "mine" });
    const wrapped: AnySchema = Object.create(text, {
      "~standard": { value: { ...text["~standard"], validate } },
    });
    const validator = validatorOf(wrapped);
    await warm(validator);
    expect(await validator.validate("x")).toEqual({ value: "mine" });
  });

  it("not what was made to parse differently, nor what it is part of", async () => {
    const text = z.string();
    text._zod.run = (payload) => ({ ...payload, value: "mine" });
    const validator = validatorOf(z.object({ a: text }));
    await warm(validator);
    expect(await validator.validate({ a: "x" })).toEqual({ value: { a: "mine" } });
  });

  it("not what has a check that was made to check differently", async () => {
    const text = z.string().max(3);
    const [check] = text._zod.def.checks ?? [];
    if (check !== undefined) check._zod.check = () => {};
    const validator = validatorOf(text);
    await warm(validator);
    expect(await validator.validate("long enough")).toEqual({ value: "long enough" });
  });

  it("not what goes on without end", async () => {
    const endless = (): z.ZodType =>
      z.object({
        get a() {
          return endless().optional();
        },
      });
    const validator = validatorOf(z.union([z.string(), z.array(endless())]));
    for (let turn = 0; turn < 1_100; turn++) expect(await validator.validate("x")).toEqual({ value: "x" });
  });

  it("not what cannot be made once more", async () => {
    const text = z.string();
    Object.defineProperty(text._zod, "constr", {
      value: () => {
        throw new Error("there is one of it");
      },
    });
    const validator = validatorOf(text);
    await warm(validator);
    expect(await validator.validate("x")).toEqual({ value: "x" });
  });

  it("not what is of somebody's own class", async () => {
    const OwnText: z.core.$constructor<z.core.$ZodString> = z.core.$constructor("OwnText", (inst, def) => {
      z.core.$ZodType.init(inst, def);
      inst._zod.parse = (payload) => ({ ...payload, value: "own" });
    });
    const validator = validatorOf(z.array(new OwnText({ type: "string" })));
    await warm(validator);
    expect(await validator.validate(["x"])).toEqual({ value: ["own"] });
  });

  it("not another vendor's", () => {
    const schema = fromJsonSchema({ type: "string" });
    expect(validatorOf(schema)).toBe(schema["~standard"]);
  });
});

describe("a compiled schema", () => {
  it("has one validator", () => {
    const schema = z.string();
    expect(validatorOf(schema)).toBe(validatorOf(schema));
  });

  it("validates also where the function alone was handed on", async () => {
    const { validate } = validatorOf(z.object({ a: z.string() }));
    await warm({ validate });
    expect(await validate({ a: "x" })).toEqual({ value: { a: "x" } });
  });

  it("says of every value what the schema says", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(schemas, fc.array(values, { minLength: 20, maxLength: 40 }), async (schema, given) => {
        const validator = validatorOf(schema);
        await warm(validator);
        for (const value of given) {
          expect(await told(validator, value)).toEqual(await told(schema["~standard"], value));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("says of an object whose property throws when it is read what the schema says", async () => {
    const schema = z.object({ a: z.string() });
    const validator = validatorOf(schema);
    await warm(validator);
    const value = Object.defineProperty({}, "a", {
      get: () => {
        throw new Error("not now");
      },
    });
    expect(await told(validator, value)).toEqual(await told(schema["~standard"], value));
  });

  it("leaves the value as it was, and hands on an object of its own", async () => {
    const validator = validatorOf(z.object({ a: z.array(z.int()) }));
    await warm(validator);
    const value = Object.freeze({ a: Object.freeze([1]), more: true });
    const result = await validator.validate(value);
    expect(result).toEqual({ value: { a: [1] } });
    expect(result).not.toHaveProperty("value.more");
    expect((result as { value: { a: unknown } }).value.a).not.toBe(value.a);
  });

  // Left out above: in a union, Zod's own parser freezes the very value that it was given, also where that option fails.
  it("freezes what the schema freezes", async () => {
    const schema = z.object({ a: z.array(z.string()).readonly() }).readonly();
    const validator = validatorOf(schema);
    await warm(validator);
    expect(await told(validator, { a: ["x"] })).toEqual(await told(schema["~standard"], { a: ["x"] }));
  });

  it("has the schema itself say why a value is refused, once, and no method that somebody gave it", async () => {
    const error = vi.fn<() => string>(() => "no text");
    const schema = z.object({ a: z.union([z.string({ error }), z.number()]) });
    schema.safeParse = () => ({ success: true, data: { a: "of somebody's own" } });
    const validator = validatorOf(schema);
    await warm(validator);
    expect(await passesBy(schema, validator, { a: "x" })).toBe(true);
    error.mockClear();
    expect(await validator.validate({ a: true })).toHaveProperty("issues");
    expect(error).toHaveBeenCalledTimes(1);
  });

  it("speaks the language that is set now", async () => {
    const schema = z.object({ a: z.string() });
    const validator = validatorOf(schema);
    await warm(validator);
    z.config({ customError: () => "nein" });
    try {
      expect(await validator.validate({ a: 1 })).toMatchObject({
        issues: [{ message: "nein", path: ["a"] }],
      });
    } finally {
      z.config({ customError: undefined });
    }
  });
});
