import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { arrayOf, describeIssues, type Issue, objectOf } from "./index.ts";
import type { AnySchema, VendorIssue } from "./schema.ts";

const issuesOf = async (schema: AnySchema, value: unknown): Promise<readonly Issue[]> => {
  const result = await schema["~standard"].validate(value);
  return result.issues ? describeIssues(schema, result.issues, value) : [];
};
const linesOf = async (schema: AnySchema, value: unknown): Promise<readonly string[]> =>
  (await issuesOf(schema, value)).map(({ path, expected, got }) => `${path}: ${expected}, got ${got}`);

describe("issues of Zod", () => {
  it("say what was expected, whatever the code", async () => {
    const schema = z.object({
      type: z.number(),
      integer: z.int(),
      option: z.enum(["x", "y"]),
      literal: z.literal(3),
      short: z.string().min(3),
      exact: z.string().length(1),
      long: z.array(z.string()).max(1),
      low: z.number().gt(4),
      high: z.number().lte(4),
      early: z.date().min(new Date(0)),
      step: z.number().multipleOf(3),
      mail: z.email(),
      pattern: z.string().regex(/^a/),
      start: z.string().startsWith("a"),
      end: z.string().endsWith("z"),
      part: z.string().includes("q"),
      strict: z.strictObject({}),
      key: z.record(z.string().min(2), z.number()),
      union: z.union([z.string(), z.number()]),
      own: z.string().refine(() => false, { error: "not today" }),
      set: z.set(z.string()).min(1),
      missing: z.string(),
    });
    const value = {
      type: "1",
      integer: 1.5,
      option: "z",
      literal: 4,
      short: "ab",
      exact: "ab",
      long: ["a", "b"],
      low: 4,
      high: 5,
      early: new Date(-1),
      step: 4,
      mail: "no",
      pattern: "b",
      start: "b",
      end: "b",
      part: "b",
      strict: { extra: 1 },
      key: { a: 1 },
      union: null,
      own: "a",
      set: new Set(),
    };
    expect(await linesOf(schema, value)).toEqual([
      'type: number, got string "1"',
      "integer: integer, got number 1.5",
      'option: one of "x", "y", got string "z"',
      "literal: 3, got number 4",
      'short: at least 3 characters, got string "ab"',
      'exact: exactly 1 character, got string "ab"',
      "long: at most 1 item, got array of 2",
      "low: more than 4, got number 4",
      "high: at most 4, got number 5",
      "early: at least 1970-01-01T00:00:00.000Z, got Date 1969-12-31T23:59:59.999Z",
      "step: multiple of 3, got number 4",
      'mail: string in the format email, got string "no"',
      'pattern: string that matches /^a/, got string "b"',
      'start: string that starts with "a", got string "b"',
      'end: string that ends with "z", got string "b"',
      'part: string that includes "q", got string "b"',
      'strict: no key "extra", got object with key extra',
      "key.a: key: at least 2 characters, got number 1",
      "union: string or number, got null",
      'own: undefined, got string "a"',
      ": undefined, got object with 21 keys: type, integer, option, literal, short, exact, long, low, …",
    ]);
  });

  it("show of a union what the closest option asks for", async () => {
    const schema = z.union([z.object({ a: z.string(), b: z.string() }), z.object({ c: z.int() })]);
    expect(await linesOf(schema, { c: 1.5 })).toEqual([": c: integer, got object with key c"]);
    const tagged = z.discriminatedUnion("k", [
      z.object({ k: z.literal("x") }),
      z.object({ k: z.literal("y") }),
    ]);
    expect(await linesOf(tagged, { k: "z" })).toEqual(['k: one of "x", "y", got string "z"']);
  });

  it("say in the message what a union expects, unless somebody has written another", async () => {
    const schema = z.object({
      size: z.union([z.string(), z.number()]),
      shape: z.union([z.string(), z.boolean()], "round or square"),
    });
    const value = { size: null, shape: 5 };
    const { issues = [] } = await schema["~standard"].validate(value);
    expect(describeIssues(schema, issues, value).map(({ message }) => message)).toEqual([
      "Invalid input: expected string or number",
      "round or square",
    ]);
  });

  it("find values in maps", async () => {
    expect(await linesOf(z.map(z.string(), z.number()), new Map([["k", "x"]]))).toEqual([
      'k: number, got string "x"',
    ]);
  });
});

describe("issues of other vendors", () => {
  it("say what ArkType says", async () => {
    const schema = type({ items: type({ name: "string > 2" }).array(), "n?": "number | string" });
    expect(await linesOf(schema, { items: [{ name: "a" }, {}], n: null })).toEqual([
      'items[0].name: at least length 3, got string "a"',
      "items[1].name: a string, got nothing",
      "n: a number or a string, got null",
    ]);
  });

  it("say what Valibot says, whose path elements are objects", async () => {
    const schema = v.object({ items: v.array(v.object({ name: v.pipe(v.string(), v.minLength(3)) })) });
    expect(await linesOf(schema, { items: [{ name: "a" }, { name: 1 }] })).toEqual([
      'items[0].name: >=3, got string "a"',
      "items[1].name: string, got number 1",
    ]);
  });

  it("keep what they say inside composed schemas", async () => {
    const schema = objectOf({ list: arrayOf(objectOf({ zod: z.string().min(3), ark: type("string > 2") })) });
    expect(await linesOf(schema, { list: [{ zod: "a", ark: "a" }] })).toEqual([
      'list[0].zod: at least 3 characters, got string "a"',
      'list[0].ark: at least length 3, got string "a"',
    ]);
  });
});

describe("described issues", () => {
  const schema = z.unknown();

  it("are 20 at most, and one that says how many more there are", async () => {
    const many = z.array(z.string());
    expect(
      await issuesOf(
        many,
        Array.from({ length: 20 }, () => 1),
      ),
    ).toHaveLength(20);
    const issues = await issuesOf(
      many,
      Array.from({ length: 50 }, () => 1),
    );
    expect(issues).toHaveLength(21);
    const oneMore = await issuesOf(
      many,
      Array.from({ length: 21 }, () => 1),
    );
    expect(oneMore).toHaveLength(21);
    expect(oneMore[20]?.message).toBe("and 1 more issue found by zod");
    expect(issues[20]).toEqual({ path: "", message: "and 30 more issues found by zod", got: "array of 50" });
  });

  it("write paths as code does", () => {
    const pathOf = (path: VendorIssue["path"]) =>
      describeIssues(schema, [{ message: "", path }], {})[0]?.path;
    expect(pathOf(undefined)).toBe("");
    expect(pathOf(["items", 0, "name"])).toBe("items[0].name");
    expect(pathOf([0, { key: "a b" }, { key: 1 }])).toBe('[0]["a b"][1]');
    expect(pathOf(["größe", "a.b", "", "0", 'say "a"'])).toBe('größe["a.b"][""]["0"]["say \\"a\\""]');
    expect(pathOf([Symbol("s")])).toBe("[Symbol(s)]");
    expect(pathOf(["a".repeat(99)])).toBe(`["${"a".repeat(60)}…"]`);
  });

  it("tell a key that is missing from one that is undefined", () => {
    const gotAt = (value: unknown, ...path: PropertyKey[]) =>
      describeIssues(schema, [{ message: "", path }], value)[0]?.got;
    expect(gotAt({ a: undefined }, "a")).toBe("undefined");
    expect(gotAt({}, "a")).toBe("nothing");
    expect(gotAt(null, "a")).toBe("nothing");
    expect(gotAt({ a: 1 }, "a", "b")).toBe("nothing");
    expect(gotAt([1], 5)).toBe("nothing");
    expect(gotAt("text", "length")).toBe('string "text"');
  });

  it("keep messages on one line, and short", () => {
    const [issue] = describeIssues(schema, [{ message: `a "b"\n\u202e${"c".repeat(999)}` }], 1);
    expect(issue?.message).toMatch(/^a "b"\\n\\u202Ec+…$/);
    expect(issue?.message.length).toBeLessThanOrEqual(501);
  });

  it("never throw, whatever the value and the vendor do", () => {
    const fail = (): never => {
      throw new Error("trap");
    };
    const nasty = {
      a: new Proxy({}, { get: fail, has: fail }),
      get b() {
        return fail();
      },
    };
    const unreadable = new Proxy({ message: "" }, { get: fail });
    const issues: readonly VendorIssue[] = [
      { message: "proxy", path: ["a", "x"] },
      { message: "getter", path: ["b"] },
      unreadable,
      null as never,
      { message: Symbol("no text") as never, path: "not a path" as never },
      { message: "odd", path: [{ key: {} as never }] },
    ];
    expect(
      describeIssues(schema, issues, nasty).map(
        ({ path, message, got }) => `${path}: ${message}, got ${got}`,
      ),
    ).toEqual([
      "a.x: proxy, got a value that cannot be read",
      "b: getter, got a value that cannot be read",
      ": is not valid, got a value that cannot be read",
      ": is not valid, got a value that cannot be read",
      ": Symbol(no text), got object with keys a, b",
      "[object]: odd, got nothing",
    ]);
  });
});
