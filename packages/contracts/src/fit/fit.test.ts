import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { type AnySchema, arrayOf, type JsonSchema, objectOf, unionOf } from "../index.ts";
import { fromJsonSchema } from "../json-schema/index.ts";
import { fromValibot } from "../valibot/index.ts";
import { fit, fitJson } from "./index.ts";

const Person = z.object({ name: z.string(), age: z.int().min(0).optional() });
const text = z.string();
const tagged = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("a"), size: z.int() }),
  z.object({ kind: z.literal("b") }),
]);
const asDate = z.codec(z.iso.datetime(), z.date(), {
  decode: (moment) => new Date(moment),
  encode: (date) => date.toISOString(),
});

/** A check may do that, too. */
function shorten(check: { value: string }): void {
  check.value = check.value.slice(0, 1);
}

/** `always`, or `unknown (keyword)`. */
function verdictOf(from: AnySchema, to: AnySchema): string {
  const result = fit(from, to);
  return result.verdict === "unknown" ? `unknown (${result.keyword})` : result.verdict;
}

describe("what Zod coerces to what is not JSON", () => {
  it.each([
    [z.iso.datetime(), z.coerce.date(), "always"],
    [z.int().min(0).max(1e12), z.coerce.date(), "always"],
    [z.number(), z.coerce.date(), "sometimes"],
    [z.string(), z.coerce.date(), "sometimes"],
    [z.boolean(), z.coerce.date(), "unknown"],
    [z.iso.datetime(), z.coerce.date().min(new Date(0)), "unknown"],
    [z.int(), z.coerce.bigint(), "always"],
    [z.int(), z.coerce.bigint().max(5n), "sometimes"],
    [z.string(), z.coerce.bigint(), "sometimes"],
  ])("is told of: case %#", (from, to, verdict) => {
    expect(fit(from, to).verdict).toBe(verdict);
  });
});

describe("fit", () => {
  it.each<[string, AnySchema, AnySchema, string]>([
    ["the same", Person, Person, "always"],
    ["one that is alike", Person, z.object({ age: z.number().optional(), name: z.string() }), "always"],
    ["fewer keys asked for", Person, z.object({ name: text }), "always"],
    ["a key that is not there", z.object({ name: text }), z.object({ title: text }), "never"],
    ["a key that may be left out", Person, z.object({ age: z.int() }), "sometimes"],
    ["extra keys, refused", Person, z.strictObject({ name: text }), "sometimes"],
    [
      "extra keys that always come, refused",
      z.object({ a: text, b: text }),
      z.strictObject({ a: text }),
      "never",
    ],
    [
      "no extra keys after an object that drops them",
      z.object({ a: text }),
      z.strictObject({ a: text }),
      "always",
    ],
    [
      "extra keys after one that keeps them",
      z.looseObject({ a: text }),
      z.strictObject({ a: text }),
      "sometimes",
    ],
    ["integer before number", z.int(), z.number(), "always"],
    ["number before integer", z.number(), z.int(), "sometimes"],
    ["bounds that do not meet", z.int().max(3), z.int().min(4), "never"],
    ["an open bound", z.number().lt(4), z.number().max(4), "always"],
    ["multiples", z.int().min(0).max(1000).multipleOf(6), z.int().multipleOf(3), "always"],
    [
      "multiples beyond what is exact",
      z.number().multipleOf(6),
      z.number().multipleOf(3),
      "unknown (multipleOf)",
    ],
    ["nullable", text.nullable(), text, "sometimes"],
    ["into nullable", text, text.nullable(), "always"],
    ["one literal more", z.enum(["a", "b", "c"]), z.enum(["a", "b"]), "sometimes"],
    ["integers as literals", z.int().min(1).max(3), z.literal([1, 2, 3, 4]), "always"],
    ["an interval in two parts", z.int(), z.union([z.int().max(0), z.int().min(1)]), "always"],
    ["tags in a union", z.object({ kind: z.enum(["a", "b"]), size: z.int() }), tagged, "always"],
    ["a tag without its key", z.object({ kind: z.enum(["a", "b"]) }), tagged, "sometimes"],
    ["a tuple as an array", z.tuple([z.int(), z.int()]), z.array(z.number()).max(2), "always"],
    ["an array as a tuple", z.array(z.int()), z.tuple([z.int()]), "sometimes"],
    ["a record", z.record(text, z.int()), z.record(text, z.number()), "always"],
    ["what is not known", z.any(), text, "sometimes"],
    ["whatever comes", text, z.unknown(), "always"],
    ["the same format", z.email(), z.string().check(z.email()), "always"],
    ["another format", z.email(), z.uuid(), "unknown (pattern)"],
    ["a recursive schema into itself", z.object({ a: z.json() }), z.object({ a: z.json() }), "always"],
    ["what nothing is of", z.never(), text, "always"],
    ["what is not JSON", z.date(), text, "unknown (not JSON)"],
  ])("%s", (_, from, to, expected) => {
    expect(verdictOf(from, to)).toBe(expected);
  });

  it.each<[string, AnySchema, AnySchema, string]>([
    ["a check of one's own", text, text.refine((value) => value !== "root"), "unknown (refine)"],
    ["a check that witnesses fail", text, text.refine((value) => value === "a"), "sometimes"],
    ["a check that alters", text.min(2).check(shorten), text.min(2), "unknown (minLength)"],
    ["a check that alters before a bound", text.min(2), text.check(shorten).max(1), "unknown (maxLength)"],
    ["a check that comes before", text.refine((value) => value !== "root"), text, "always"],
    ["another type, for all its checks", z.int(), text.refine(() => true), "never"],
    ["trimming", text, text.trim(), "always"],
    ["trimming before a bound", z.string().min(2).max(9), text.trim().min(1), "unknown (overwrite)"],
    ["trimming behind a bound", z.string().min(3).trim().max(9), z.string().max(9), "unknown (maxLength)"],
    ["trimming where no bound is", z.object({ a: text.trim().min(1) }), z.object({ a: text }), "always"],
    ["another type, for all its trimming", z.int(), text.trim(), "never"],
    ["coercion", z.array(text), z.coerce.string(), "unknown (coerce)"],
    ["a codec of another type", z.int(), asDate, "never"],
    ["a codec of the same type", text, asDate, "sometimes"],
    ["what a preprocessor takes", z.int(), z.preprocess(String, text), "unknown (transform)"],
    ["a pipe", text, text.pipe(text.max(1_000_000)), "unknown (pipe)"],
    [
      "a default that breaks its bound",
      z.object({ a: text.min(3).default("x") }),
      z.object({ a: text.min(3) }),
      "sometimes",
    ],
    ["a default in the place of nothing", z.object({}), z.object({ a: text.default("x") }), "always"],
    ["a pattern of which a flag is not shown", text.regex(/^.$/u), text.regex(/^.$/), "sometimes"],
  ])("minds what JSON Schema does not show: %s", (_, from, to, expected) => {
    expect(verdictOf(from, to)).toBe(expected);
  });

  it.each<[string, AnySchema, AnySchema, string]>([
    ["ArkType to Zod", type({ a: "string", "b?": "0 <= number <= 1" }), z.object({ a: text }), "always"],
    ["JSON Schema to Zod", fromJsonSchema({ type: "integer", minimum: 1 }), z.number().min(0), "always"],
    ["lengths of code points in UTF-16 units", text.max(3), type("string <= 3"), "sometimes"],
    ["lengths that hold either way", text.max(3), type("string <= 6"), "always"],
    ["undefined for a key", z.object({ a: text.optional() }), type({ "a?": "string" }), "sometimes"],
    ["infinite numbers", fromValibot(v.number()), z.number(), "sometimes"],
    ["arrays for objects", type({ "a?": "string" }), z.object({ a: text.optional() }), "sometimes"],
    ["arrays taken for objects", z.array(text), fromValibot(v.object({})), "always"],
    ["arrays that are not", z.array(text), type({ a: "string" }), "never"],
    ["composed", objectOf({ a: type("string"), b: z.int() }), z.object({ b: z.number() }), "always"],
    ["composed of each", unionOf([z.int(), text]), arrayOf(text), "never"],
  ])("reads each vendor as it is: %s", (_, from, to, expected) => {
    expect(verdictOf(from, to)).toBe(expected);
  });

  it("gives witnesses and a reason", () => {
    expect(fit(Person, z.object({ name: z.string().min(2) }))).toEqual({
      verdict: "sometimes",
      passes: { name: "aa" },
      fails: { name: "" },
      path: "name",
      why: 'name: expected at least 2 characters, got string ""',
    });
    expect(fit(z.object({ name: text }), z.object({ title: text }))).toEqual({
      verdict: "never",
      example: { name: "" },
      path: "title",
      why: "title: expected string, got nothing",
    });
    // The text may be long enough, and what is optional may be there: what is no number decides.
    const row = fromJsonSchema({
      type: "object",
      properties: { city: { type: "string" }, total: { type: "string" }, to: { type: "string" } },
    });
    expect(fit(row, z.object({ city: text.min(1), note: text, total: z.number() }))).toMatchObject({
      verdict: "never",
      path: "total",
      why: "total: expected number, got string",
    });
    expect(
      fitJson(
        {
          type: "object",
          required: ["a"],
          properties: { a: { type: "array", minItems: 1, items: { type: "string" } }, b: {} },
        },
        {
          type: "object",
          properties: { b: { type: "string" }, a: { type: "array", items: { type: "number" } } },
          required: ["b", "a"],
        },
      ),
    ).toMatchObject({
      verdict: "never",
      path: "a[0]",
      why: 'a[0]: expected number, got string ""',
    });
    expect(fit(z.object({ name: text }), z.object({ name: text.refine(() => true) }))).toEqual({
      verdict: "unknown",
      keyword: "refine",
      path: "name",
      why: "name: refine does more than its JSON Schema shows",
    });
  });

  it("gives as witnesses what the first hands on, not what it takes", () => {
    const from = z
      .string()
      .transform((value) => value.length)
      .pipe(z.int());
    const verdict = fit(from, z.int().max(0));
    expect(verdict).toMatchObject({ verdict: "sometimes", passes: 0 });
    expect(verdict.verdict === "sometimes" && verdict.fails).toBeTypeOf("number");
  });

  it("leaves alone what checks do to values, and survives what they throw", () => {
    const greedy = z.object({ list: z.array(z.int()) }).refine(({ list }) => {
      list.push(1);
      if (list.length > 1) throw new Error("too many");
      return true;
    });
    expect(verdictOf(z.object({ list: z.array(z.int()) }), greedy)).toBe("unknown (refine)");
    const later = text.refine(() => Promise.reject(new Error("later")).catch(() => true));
    expect(verdictOf(text, later)).toBe("unknown (refine)");
  });

  it("notices a validator that says otherwise than its JSON Schema", () => {
    const wrong = fromJsonSchema({ type: "string" });
    const strange: AnySchema = {
      ...wrong,
      "~standard": { ...wrong["~standard"], validate: () => ({ issues: [{ message: "no" }] }) },
    };
    expect(verdictOf(text, strange)).toBe("unknown (validate)");
    const throwing: AnySchema = {
      ...wrong,
      "~standard": {
        ...wrong["~standard"],
        validate: () => {
          throw new Error("broken");
        },
      },
    };
    expect(verdictOf(text, throwing)).toBe("unknown (validate)");
  });

  it.each([
    { type: "object", properties: null },
    { type: "object", properties: { a: 5 } },
    { type: "object", additionalProperties: null },
    { type: 5 },
    { type: [null] },
  ])("does not know what %j takes, whose keyword is wrong", (wrong) => {
    // What a program in JavaScript may give.
    const document = wrong as unknown as JsonSchema;
    expect(fitJson({ type: "object" }, document).verdict).toBe("unknown");
    expect(fitJson(document, { type: "string" }).verdict).not.toBe("always");
  });

  it.each([1_000, 5_000, 100_000])(
    "gives up on schemas that are %i levels deep rather than failing",
    (levels) => {
      let document: JsonSchema = { type: "string" };
      for (let level = 0; level < levels; level += 1) document = { type: "array", items: document };
      const { verdict } = fitJson(document, { ...document, minItems: 1 });
      expect(["sometimes", "unknown"]).toContain(verdict);
    },
  );

  it("gives up rather than taking ages", () => {
    const wide = z.object(
      Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`k${index}`, z.enum(["a", "b"])])),
    );
    // Every option refuses one combination; together they may take all, and trying them all takes forever.
    const options = Array.from({ length: 24 }, (_, index) =>
      wide.extend({ [`k${index}`]: z.literal("a"), [`k${(index + 1) % 24}`]: z.literal("b") }),
    );
    const all = wide.extend({ k0: z.literal("a"), k23: z.literal("b") });
    expect(["sometimes", "unknown (too large)"]).toContain(verdictOf(wide, z.union([...options, all])));
    const deep: JsonSchema = {
      $ref: "#/$defs/d0",
      $defs: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          `d${index}`,
          { allOf: [{ anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] }] },
        ]),
      ),
    };
    expect(fitJson({ type: "string" }, deep)).toMatchObject({ verdict: "unknown" });
  });

  it("refuses what is no schema", () => {
    expect(() => fit(JSON.parse("{}") as AnySchema, text)).toThrow("This is no schema");
  });
});

describe("fitJson", () => {
  it.each<[JsonSchema, JsonSchema, string]>([
    [{ type: "string", not: { const: "a" } }, { type: "string" }, "always"],
    [{ type: "string" }, { not: { type: "string" } }, "unknown"],
    [{ type: "string" }, { not: {} }, "never"],
    [{ type: "array", uniqueItems: true }, { type: "array", uniqueItems: true }, "always"],
    [{ type: ["string", "null"] }, { anyOf: [{ type: "null" }, { type: "string" }] }, "always"],
    [{ $ref: "#/$defs/A", $defs: { A: { type: "integer" } } }, { type: "number" }, "always"],
    [{ allOf: [{ type: "integer" }, { minimum: 3 }] }, { type: "number", exclusiveMinimum: 2 }, "always"],
    [{ type: "string", pattern: "^a+$" }, { type: "string", pattern: "^a+$" }, "always"],
    [{ type: "string", pattern: "^a" }, { type: "string", pattern: "^b" }, "unknown"],
    [{ type: "number", const: 2 }, { oneOf: [{ type: "integer" }, { minimum: 1 }] }, "unknown"],
    [
      { type: "object", properties: { a: { type: "string" } } },
      { properties: { a: { type: "string" } } },
      "always",
    ],
    [{ type: "integer" }, { nullable: true, type: "integer" }, "unknown"],
    [{ type: "integer", "x-note": 1, title: "T" }, { type: "integer", description: "D" }, "always"],
  ])("%j before %j: %s", (from, to, expected) => {
    expect(fitJson(from, to).verdict).toBe(expected);
  });
});
