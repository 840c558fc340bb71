import { type } from "arktype";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { canParseOnce, describeIssues, inspectSchema } from "../index.ts";
import type { AnySchema, Validated } from "../schema.ts";
import { anything } from "./anything.ts";
import { arrayOf } from "./array-of.ts";
import { intersectionOf } from "./intersection-of.ts";
import { objectOf } from "./object-of.ts";
import { tupleOf } from "./tuple-of.ts";
import { unionOf } from "./union-of.ts";

const validate = (schema: AnySchema, value: unknown) => schema["~standard"].validate(value);
const later = z.string().refine(async (text) => text !== "no", { error: "not no" });
const trimmed = z.string().trim();

/** Not a `Promise`, though it can be awaited: some vendors hand out their own. */
class Foreign {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  then(next: (result: unknown) => void): void {
    next({ value: this.value });
  }
}

/** Paths and messages of what is wrong, or the value. */
const outcome = async (schema: AnySchema, value: unknown) => {
  const result = await validate(schema, value);
  return result.issues
    ? describeIssues(schema, result.issues, value).map(({ path, message }) => `${path}: ${message}`)
    : result.value;
};

describe("objectOf", () => {
  const schema = objectOf({ a: trimmed, b: type({ n: "number" }) });

  it("gives exactly its slots", () => {
    expect(validate(schema, { b: { n: 1 }, a: " x ", more: true })).toEqual({
      value: { a: "x", b: { n: 1 } },
    });
  });

  it("tells what is wrong in every slot at once", async () => {
    expect(await outcome(schema, { a: 1, b: { n: "1" } })).toEqual([
      "a: Invalid input: expected string, received number",
      "b.n: n must be a number (was a string)",
    ]);
    expect(await outcome(schema, { b: { n: "1" } })).toEqual([
      "a: must be there",
      "b.n: n must be a number (was a string)",
    ]);
    expect(await outcome(schema, [])).toEqual([": must be an object"]);
    expect(await outcome(schema, null)).toEqual([": must be an object"]);
  });

  it("wants every slot as an own key, whatever its schema takes", async () => {
    expect(await outcome(objectOf({ toString: z.unknown() }), {})).toEqual(["toString: must be there"]);
    expect(await outcome(objectOf({ a: z.unknown() }), { a: undefined })).toEqual({ a: undefined });
  });

  it("treats __proto__ as a key like any other", async () => {
    const odd = objectOf({ ["__proto__"]: z.object({ polluted: z.boolean() }) });
    const value: unknown = JSON.parse('{ "__proto__": { "polluted": true } }');
    const result = await validate(odd, value);
    expect(Object.keys(result.issues ? {} : Object(result.value))).toEqual(["__proto__"]);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

describe("arrayOf and tupleOf", () => {
  it("give new arrays of what the items became", () => {
    expect(validate(arrayOf(trimmed), [" a", "b "])).toEqual({ value: ["a", "b"] });
    expect(validate(tupleOf([trimmed, z.int()]), [" a", 1])).toEqual({ value: ["a", 1] });
  });

  it("begin the paths of issues with the index", async () => {
    const schema = arrayOf(objectOf({ name: trimmed }));
    expect(await outcome(schema, [{ name: "a" }, {}, { name: 1 }])).toEqual([
      "[1].name: must be there",
      "[2].name: Invalid input: expected string, received number",
    ]);
    expect(await outcome(schema, "no")).toEqual([": must be an array"]);
    expect(await outcome(tupleOf([z.string(), z.int()]), ["a"])).toEqual([": must be an array of 2"]);
    expect(await outcome(tupleOf([z.string(), z.int()]), ["a", "b"])).toEqual([
      "[1]: Invalid input: expected number, received string",
    ]);
  });

  it("visit the holes of a sparse array", async () => {
    const sparse: unknown[] = [];
    sparse.length = 2;
    expect(await outcome(arrayOf(z.string()), sparse)).toEqual([
      "[0]: Invalid input: expected string, received undefined",
      "[1]: Invalid input: expected string, received undefined",
    ]);
  });
});

describe("unionOf", () => {
  it("lets the first that takes the value parse it", () => {
    expect(validate(unionOf([z.int(), trimmed, z.string()]), " a ")).toEqual({ value: "a" });
  });

  it("tells what every member says where none takes it", async () => {
    expect(await outcome(unionOf([z.int(), type("'a'")]), true)).toEqual([
      ": Invalid input: expected number, received boolean",
      ': must be "a" (was true)',
    ]);
    expect(await outcome(unionOf([]), 1)).toEqual([": fits no schema: there is none"]);
  });

  it("asks an asynchronous member before those behind it", async () => {
    expect(await validate(unionOf([later, z.unknown()]), "yes")).toEqual({ value: "yes" });
    expect(await validate(unionOf([later, z.unknown()]), "no")).toEqual({ value: "no" });
  });

  it("of one schema is that schema", () => {
    expect(unionOf([trimmed, trimmed])).toBe(trimmed);
  });
});

describe("intersectionOf", () => {
  it("gives what all members make of the value, put together", () => {
    const schema = intersectionOf([
      z.object({ a: trimmed, deep: z.object({ x: z.int() }), list: z.array(z.object({ p: z.int() })) }),
      z.object({ b: z.int(), deep: z.object({ y: z.int() }), list: z.array(z.object({ q: z.int() })) }),
    ]);
    const value = { a: " x ", b: 2, c: 3, deep: { x: 1, y: 2, z: 3 }, list: [{ p: 1, q: 2, r: 3 }] };
    expect(validate(schema, value)).toEqual({
      value: { a: "x", b: 2, deep: { x: 1, y: 2 }, list: [{ p: 1, q: 2 }] },
    });
  });

  it("hands on the very value where all members do", () => {
    const value = { a: 1, b: 2 };
    const result = validate(intersectionOf([type({ a: "number" }), type({ b: "number" })]), value);
    expect(result).toEqual({ value });
    expect("value" in result && result.value).toBe(value);
  });

  it("says where members disagree", async () => {
    const schema = intersectionOf([
      z.object({ a: z.object({ b: trimmed }) }),
      z.object({ a: z.object({ b: z.string() }) }),
    ]);
    expect(await outcome(schema, { a: { b: "x" } })).toEqual({ a: { b: "x" } });
    expect(await outcome(schema, { a: { b: " x" } })).toEqual(["a.b: schemas disagree on what a.b becomes"]);
    const lengths = intersectionOf([z.array(z.int()), z.array(z.int()).transform((items) => items.slice(1))]);
    expect(await outcome(lengths, [1, 2])).toEqual([": schemas disagree on what the value becomes"]);
  });

  it("tells what every member says", async () => {
    const schema = intersectionOf([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    expect(await outcome(schema, {})).toEqual([
      "a: Invalid input: expected string, received undefined",
      "b: Invalid input: expected string, received undefined",
    ]);
  });

  it("of one schema is that schema, and of none takes everything", () => {
    expect(intersectionOf([trimmed, trimmed])).toBe(trimmed);
    expect(validate(intersectionOf([]), 1)).toEqual({ value: 1 });
  });
});

describe("composed schemas", () => {
  it("answer at once where every member does, and else promise", async () => {
    expect(validate(objectOf({ a: z.string() }), { a: "x" })).not.toBeInstanceOf(Promise);
    const schema = objectOf({
      a: arrayOf(later),
      b: tupleOf([later]),
      c: intersectionOf([later, z.string()]),
    });
    const answer = validate(schema, { a: ["x"], b: ["y"], c: "z" });
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toEqual({ value: { a: ["x"], b: ["y"], c: "z" } });
    expect(await outcome(schema, { a: ["x", "no"], b: ["no"], c: "no" })).toEqual([
      "a[1]: not no",
      "b[0]: not no",
      "c: not no",
    ]);
  });

  it("take thenables of any make", async () => {
    const thenable: AnySchema = {
      "~standard": {
        version: 1,
        vendor: "other",
        validate: (value) => {
          const answer: unknown = new Foreign(value);
          // Can be awaited, as far as anyone can tell.
          return answer as Promise<Validated<unknown>>;
        },
      },
    };
    expect(await validate(objectOf({ a: thenable }), { a: 1 })).toEqual({ value: { a: 1 } });
    expect(await validate(unionOf([thenable, z.string()]), 1)).toEqual({ value: 1 });
  });

  it("throw what a member throws, and leave no rejection behind", async () => {
    const failing = (how: () => never | Promise<never>): AnySchema => ({
      "~standard": { version: 1, vendor: "other", validate: how },
    });
    const throwing = failing(() => {
      throw new Error("thrown");
    });
    const rejecting = failing(() => Promise.reject(new Error("rejected")));
    expect(() => validate(tupleOf([rejecting, throwing]), [1, 2])).toThrow("thrown");
    await expect(validate(tupleOf([rejecting, rejecting]), [1, 2])).rejects.toThrow("rejected");
  });

  it("hand on any value that every slot takes as it is, however keys are named", () => {
    const anyKeys = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(anyKeys, (value) => {
        const schema = objectOf(Object.fromEntries(Object.keys(value).map((key) => [key, anything()])));
        expect(validate(schema, value)).toEqual({ value });
      }),
    );
  });

  it("show what their members hide", () => {
    const refined = z.string().refine(() => true);
    const schema = objectOf({
      list: arrayOf(z.object({ name: trimmed })),
      pair: tupleOf([refined, unionOf([z.int(), refined])]),
      both: intersectionOf([z.object({ a: trimmed }), z.object({ b: trimmed })]),
      rest: anything(),
    });
    expect(inspectSchema(schema)).toEqual({
      vendor: "atomic",
      opaqueChecks: [
        { path: "pair[0]", name: "refine" },
        { path: "pair[1]|1", name: "refine" },
      ],
      transforms: [
        { path: "list[].name", name: "overwrite" },
        { path: "both&0.a", name: "overwrite" },
        { path: "both&1.b", name: "overwrite" },
      ],
      parseIsIdempotent: false,
    });
  });

  it("may be parsed once where every member may, and no member sees another's result", () => {
    const plain = z.object({ a: z.string() });
    expect(canParseOnce(objectOf({ a: plain, b: arrayOf(tupleOf([plain, anything()])) }))).toBe(true);
    expect(canParseOnce(objectOf({ a: trimmed }))).toBe(false);
    expect(canParseOnce(unionOf([plain, z.object({ b: z.string() })]))).toBe(false);
    expect(canParseOnce(intersectionOf([plain, z.object({ b: z.string() })]))).toBe(false);
    expect(canParseOnce(unionOf([type({ a: "string" }), z.string()]))).toBe(true);
    const unknown: AnySchema = {
      "~standard": { version: 1, vendor: "other", validate: (value) => ({ value }) },
    };
    expect(canParseOnce(arrayOf(unknown))).toBe(false);
    expect(inspectSchema(arrayOf(unknown)).transforms).toEqual([
      { path: "[]", name: "unknown vendor other" },
    ]);
  });
});
