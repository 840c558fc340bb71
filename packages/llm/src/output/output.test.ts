import { toJsonSchema } from "@atomic-agents/contracts";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { defineLlmAgent } from "../agent/define-llm-agent.ts";
import { DraftReader } from "./draft-reader.ts";
import { hostility, readJson } from "./json-text.ts";
import { dialectOf } from "./provider-dialect.ts";
import { readAnswer } from "./read-answer.ts";

const dialect = (schema: z.ZodType) => dialectOf(toJsonSchema(schema, "input"));

describe("the dialect of providers", () => {
  it("closes objects and requires all of their properties, at any depth", () => {
    const { plain, strict, canBeStrict } = dialect(
      z.object({
        a: z.string(),
        b: z.object({ c: z.int().optional() }).optional(),
        d: z.array(z.object({})),
      }),
    );
    const empty = { type: "object", properties: {}, required: [], additionalProperties: false };
    const inner = {
      type: "object",
      properties: { c: { anyOf: [{ type: "integer" }, { type: "null" }] } },
      required: ["c"],
      additionalProperties: false,
    };
    expect(plain).toEqual({
      type: "object",
      properties: {
        a: { type: "string" },
        b: { anyOf: [inner, { type: "null" }] },
        d: { type: "array", items: empty },
      },
      required: ["a", "b", "d"],
      additionalProperties: false,
    });
    expect([strict, canBeStrict]).toEqual([plain, true]);
  });

  it("tells strict providers in words what they do not take", () => {
    const { plain, strict, canBeStrict } = dialect(
      z.object({
        name: z.string().min(2).max(9).describe("A name."),
        zip: z.string().regex(/^\d{5}$/),
        safe: z.string().regex(/^(?!admin)/),
        mail: z.email(),
        age: z.int().min(0).max(150),
        tags: z.array(z.string()).max(3),
        kind: z.enum(["a", "b"]).default("a"),
      }),
    );
    expect(plain.properties).toMatchObject({
      name: { minLength: 2, maxLength: 9 },
      zip: { pattern: "^\\d{5}$" },
      age: { minimum: 0, maximum: 150 },
    });
    expect(strict.properties).toEqual({
      name: { type: "string", description: 'A name.\nIt must satisfy {"minLength":2,"maxLength":9}.' },
      zip: { type: "string", pattern: "^\\d{5}$" },
      safe: { type: "string", description: 'It must satisfy {"pattern":"^(?!admin)"}.' },
      mail: { type: "string", format: "email" },
      age: { type: "integer", minimum: 0, maximum: 150 },
      tags: { type: "array", items: { type: "string" }, maxItems: 3 },
      kind: { anyOf: [{ type: "string", enum: ["a", "b"] }, { type: "null" }] },
    });
    expect(canBeStrict).toBe(true);
  });

  it.each([
    ["an open map", z.object({ a: z.record(z.string(), z.int()) })],
    ["anything", z.object({ a: z.unknown() })],
    ["an open object", z.looseObject({ a: z.int() })],
    [
      "an intersection",
      z.object({ a: z.union([z.object({ b: z.int() }), z.null()]).and(z.object({ c: z.int() })) }),
    ],
    ["a tuple", z.object({ a: z.tuple([z.int(), z.string()]) })],
  ])("cannot hold strict providers to %s", (_, schema) => {
    expect(dialect(schema).canBeStrict).toBe(false);
  });

  it("spells out maps whose keys are known, so that strict providers hold to them", async () => {
    const key = z.enum(["x", "y"]);
    const schema = z.object({
      all: z.record(key, z.int()),
      some: z.partialRecord(key, z.object({ a: z.string().optional() })),
    });
    const spelt = dialect(schema);
    expect(spelt.canBeStrict).toBe(true);
    expect(spelt.plain.properties?.["all"]).toMatchObject({
      properties: { x: { type: "integer" }, y: { type: "integer" } },
      required: ["x", "y"],
      additionalProperties: false,
    });
    const given = { all: { x: 1, y: 2 }, some: { x: { a: null }, y: null } };
    const restored = spelt.restore(given);
    expect(restored).toEqual({ all: { x: 1, y: 2 }, some: { x: {} } });
    expect(schema.safeParse(restored).success).toBe(true);
    const open = dialect(z.object({ map: z.record(z.string(), z.int()) }));
    expect(open.canBeStrict).toBe(false);
    const agent = defineLlmAgent({
      name: "a",
      description: "A.",
      model: "simulated",
      input: z.string(),
      output: schema,
    });
    expect(Object.keys((await agent.run("x")).all)).toEqual(["x", "y"]);
  });

  it("keeps open maps open, and intersections as they are", () => {
    const map = dialect(z.object({ a: z.record(z.string(), z.int()) })).plain.properties?.["a"];
    expect(map).toMatchObject({ additionalProperties: { type: "integer" } });
    const either = z.union([z.object({ b: z.int() }), z.object({ d: z.int() })]);
    const both = dialect(z.object({ a: either.and(z.object({ c: z.int() })) })).plain;
    expect(fromJsonSchema(both)["~standard"].validate({ a: { b: 1, c: 2 } })).toHaveProperty("value");
  });

  it("puts what is no object under a key, definitions and recursion included", () => {
    interface Tree {
      readonly name: string;
      readonly children: readonly Tree[];
    }
    const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(Tree) }));
    const { plain, isWrapped } = dialect(z.array(Tree));
    expect(isWrapped).toBe(true);
    const text = JSON.stringify(plain);
    for (const [, target] of text.matchAll(/"\$ref":"([^"]+)"/g)) expect(target).toMatch(/^#\/\$defs\//);
    // A validator finds all that it refers to, and takes a tree.
    const checked = fromJsonSchema(plain)["~standard"].validate({
      value: [{ name: "a", children: [{ name: "b", children: [] }] }],
    });
    expect(checked).toHaveProperty("value");
    const recursive = dialectOf({
      type: "array",
      items: { anyOf: [{ type: "string" }, { $ref: "#" }] },
    });
    expect(fromJsonSchema(recursive.plain)["~standard"].validate({ value: ["a", ["b"]] })).toHaveProperty(
      "value",
    );
    expect(fromJsonSchema(recursive.plain)["~standard"].validate({ value: [7] })).toHaveProperty("issues");
    expect(dialect(z.object({ a: Tree })).isWrapped).toBe(false);
  });

  it("turns null back where it stands for nothing, and leaves it where it is a value", () => {
    const { restore } = dialect(
      z.object({
        gone: z.string().optional(),
        kept: z.string().nullable(),
        both: z.string().nullable().optional(),
        list: z.array(z.object({ gone: z.int().optional() })),
        map: z.record(z.string(), z.object({ gone: z.int().optional() })),
      }),
    );
    const answer = {
      gone: null,
      kept: null,
      both: null,
      list: [{ gone: null }, { gone: 1 }],
      map: { x: { gone: null } },
      more: null,
    };
    expect(restore(answer)).toEqual({
      kept: null,
      both: null,
      list: [{}, { gone: 1 }],
      map: { x: {} },
      more: null,
    });
    expect(answer.gone).toBeNull();
  });

  it("turns it back in the option of a union that was meant", () => {
    const { restore } = dialect(
      z.object({
        shape: z.union([
          z.object({ kind: z.literal("circle"), note: z.string().nullable() }),
          z.object({ kind: z.literal("square"), note: z.string().optional() }),
        ]),
      }),
    );
    expect(restore({ shape: { kind: "circle", note: null } })).toEqual({
      shape: { kind: "circle", note: null },
    });
    expect(restore({ shape: { kind: "square", note: null } })).toEqual({ shape: { kind: "square" } });
  });

  it("gives back what fits the schema, for any value that fits the dialect (property)", () => {
    const schema = z.object({
      a: z.string().optional(),
      b: z.array(z.object({ c: z.int().optional(), d: z.boolean().nullable() })).optional(),
      e: z.enum(["x", "y"]).default("x"),
    });
    const { plain, restore } = dialect(schema);
    const sent = fromJsonSchema(plain);
    const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
    const answers = fc.record({
      a: orNull(fc.string()),
      b: orNull(fc.array(fc.record({ c: orNull(fc.integer()), d: orNull(fc.boolean()) }))),
      e: orNull(fc.constantFrom("x", "y")),
    });
    fc.assert(
      fc.property(answers, (answer) => {
        expect(sent["~standard"].validate(answer)).toHaveProperty("value");
        expect(schema.safeParse(restore(answer)).success).toBe(true);
      }),
    );
  });
});

describe("reading answers", () => {
  it.each([
    ["whole", '{"a":1}', { a: 1 }],
    ["with blanks", ' \n{"a":1}\n ', { a: 1 }],
    ["fenced", '```json\n{"a":1}\n```', { a: 1 }],
    ["fenced in prose", 'Here you are:\n```\n{"a":"}"}\n```\nAnything else?', { a: "}" }],
    ["in prose", 'Sure! {"a":{"b":"}{"}} is the answer {"c":2}.', { a: { b: "}{" } }],
    ["after a bracket of prose", 'As [1] says {see below}: {"a":1}', { a: 1 }],
    ["after thoughts", '<think>{"a":2} or {"a":3}?</think>\n{"a":1}', { a: 1 }],
    ["behind a brace of prose that stays open", 'Use { like this: {"a":1}', { a: 1 }],
    ["a list at the end", "The numbers: [1,2]", [1, 2]],
  ])("takes what is %s", (_, text, value) => {
    expect(readAnswer(text)).toEqual({ value });
  });

  it.each([
    ["nothing", "  "],
    ["prose", "I would say it is a bug."],
    ["what is cut", '{"a":1,"b":"tex'],
    ["what is cut in a fence", '```json\n{"a":1,\n'],
    ["a hostile key", '{"__proto__":{"admin":true}}'],
    ["a hostile key in escapes", '{"\\u005f_proto__":{"admin":true}}'],
    ["what nests too deep", `${"[".repeat(600)}${"]".repeat(600)}`],
    ["a part of what is cut", '{"name":"a","children":[{"name":"b","children":[]}'],
    ["a part of what is cut in prose", 'Here: [{"name":"b","children":[]},'],
    ["a part of what is broken", '{"name":"a", oops, "child":{"name":"b"}}'],
    ["thoughts that do not end", '<think>Perhaps {"a":1}'],
    ["a hostile key in prose", 'Well: {"a":{"__proto__":{"b":{}}}}'],
  ])("does not take %s", (_, text) => {
    expect(readAnswer(text)).toHaveProperty("problem");
  });

  it("never takes the beginning of an answer for an answer (property)", () => {
    const records = fc.record({ a: fc.jsonValue(), b: fc.string(), c: fc.array(fc.integer()) });
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (record, ratio) => {
        const text = JSON.stringify(record);
        const cut = text.slice(0, Math.floor(text.length * ratio));
        const read = readAnswer(cut);
        // What closes inside of it may be read; all of it never is.
        if ("value" in read) expect(read.value).not.toEqual(record);
        expect(readJson(cut)).toHaveProperty("problem");
      }),
    );
  });

  it("takes time linear in the text, whatever is in it", () => {
    expect(readAnswer("{".repeat(400_000))).toHaveProperty("problem");
    expect(readAnswer('{"'.repeat(400_000))).toHaveProperty("problem");
    expect(readAnswer("[".repeat(400_000) + "{}")).toHaveProperty("problem");
    for (const sign of [" ", "\t", "\r\n", "`", "``` \n"]) {
      expect(readAnswer(`\`\`\`\n${sign.repeat(400_000)}x`)).toHaveProperty("problem");
      expect(readAnswer(`\`\`\`${sign.repeat(400_000)}x`)).toHaveProperty("problem");
    }
  });

  it("knows hostile values that were not read from text", () => {
    expect(hostility(JSON.parse('{"a":[{"__proto__":1}]}'))).toContain("__proto__");
    expect(hostility({ a: [1, null, "x"] })).toBeUndefined();
  });
});

describe("drafts", () => {
  /** All drafts of a text that comes in parts of some length. */
  function draftsOf(text: string, length = 1): unknown[] {
    const reader = new DraftReader();
    const drafts: unknown[] = [];
    for (let end = length; end < text.length + length; end += length) {
      const draft = reader.read(text.slice(0, end));
      if (draft !== undefined) drafts.push(draft);
    }
    return drafts;
  }

  it("grow with the answer", () => {
    expect(draftsOf('{"a":"xy","b":[1,tru', 1)).toEqual(
      expect.arrayContaining([
        {},
        { a: "" },
        { a: "x" },
        { a: "xy" },
        { a: "xy", b: [] },
        { a: "xy", b: [1] },
      ]),
    );
  });

  it("show no half of an escape or a character", () => {
    const text = JSON.stringify({ a: 'x"\n' }).replace("x", "\\u00e9\\ud83d\\ude00😀");
    const shown = draftsOf(text).map((draft) => (draft as { a?: string }).a ?? "");
    for (const one of shown) expect('é😀😀"\n'.startsWith(one)).toBe(true);
    expect(shown.at(-1)).toBe('é😀😀"\n');
  });

  it("begin where the JSON does", () => {
    expect(draftsOf('Sure:\n```json\n{"a":1}\n```').at(-1)).toEqual({ a: 1 });
    expect(draftsOf('<think>{"b":1}</think>{"a":1}').every((draft) => !("b" in (draft as object)))).toBe(
      true,
    );
    expect(draftsOf("no JSON at all")).toEqual([]);
    expect(draftsOf("{not JSON}").every((draft) => JSON.stringify(draft) === "{}")).toBe(true);
    expect(draftsOf('{"__proto__":{"x":1}}').every((draft) => JSON.stringify(draft) === "{}")).toBe(true);
    expect(draftsOf('{"a":"never __ends')).not.toEqual([]);
  });

  it("are prefixes of the answer, and the last one is the answer (property)", () => {
    const answers = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.oneof(fc.string(), fc.integer(), fc.array(fc.string()), fc.constant(null)),
      { minKeys: 1, maxKeys: 6 },
    );
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 7 }), (answer, length) => {
        // Blanks after the end, so that the last draft is due.
        const text = `${JSON.stringify(answer)}`;
        const drafts = draftsOf(text, length) as Record<string, unknown>[];
        for (const draft of drafts) {
          for (const key of Object.keys(draft)) expect(Object.hasOwn(answer, key)).toBe(true);
        }
        if (text.length < 64) expect(drafts.at(-1)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("are values of their own", () => {
    const reader = new DraftReader();
    const first = reader.read('{"a":[1') as { a: unknown[] } | undefined;
    first?.a.push("changed");
    expect(reader.read('{"a":[1,2]}')).toEqual({ a: [1, 2] });
  });

  it("look at each character a bounded number of times", () => {
    const text = JSON.stringify({ list: Array.from({ length: 5_000 }, (_, index) => ({ index })) });
    let copied = 0;
    for (const draft of draftsOf(text, 4)) copied += JSON.stringify(draft).length;
    expect(copied / text.length).toBeLessThan(70);
  });
});
