import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type } from "arktype";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type AnySchema,
  arrayOf,
  ContractError,
  canParseOnce,
  describeIssues,
  inspectSchema,
  intersectionOf,
  type JsonSchema,
  objectOf,
  toJsonSchema,
  tupleOf,
  unionOf,
} from "../index.ts";
import { findEndlessReference } from "./check-references.ts";
import { type FromJsonSchemaOptions, fromJsonSchema } from "./index.ts";

/** Synchronous, as `fromJsonSchema` is. */
const validate = (schema: AnySchema, value: unknown) => {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) throw new Error("not synchronous");
  return result;
};

const issuesOf = (document: JsonSchema | boolean, value: unknown) => {
  const schema = fromJsonSchema(document);
  const result = validate(schema, value);
  return result.issues ? describeIssues(schema, result.issues, value) : [];
};

const faultOf = (document: unknown, options?: FromJsonSchemaOptions): ContractError => {
  try {
    // Some of these are no JSON Schemas: that is what is tested.
    fromJsonSchema(document as JsonSchema, { compile: "now", ...options });
  } catch (error) {
    if (ContractError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("it did not throw");
};

const Person: JsonSchema = {
  type: "object",
  properties: { name: { type: "string", minLength: 1 }, age: { type: "integer", default: 3 } },
  required: ["name"],
  additionalProperties: false,
};

describe("fromJsonSchema", () => {
  it("hands on the very value that passes, without defaults and coercion", () => {
    const value = { name: "Ada" };
    const result = validate(fromJsonSchema(Person), value);
    expect("value" in result && result.value).toBe(value);
    expect(value).toEqual({ name: "Ada" });
    expect(issuesOf(Person, { name: "Ada", age: "3" })).toHaveLength(1);
  });

  it("has the JSON Schema it was made of, and hides nothing", () => {
    const schema = fromJsonSchema(Person);
    const $schema = "https://json-schema.org/draft/2020-12/schema";
    expect(toJsonSchema(schema, "input")).toEqual({ $schema, ...Person });
    expect(toJsonSchema(schema, "output")).toEqual({ $schema, ...Person });
    expect(toJsonSchema(fromJsonSchema(true), "input")).toEqual({ $schema });
    expect(toJsonSchema(fromJsonSchema(false), "input")).toEqual({ $schema, not: {} });
    expect(inspectSchema(schema)).toEqual({
      vendor: "json-schema",
      opaqueChecks: [],
      transforms: [],
      parseIsIdempotent: true,
    });
    expect(canParseOnce(schema)).toBe(true);
  });

  it("tells all that is wrong, with path, what was expected and what was there", () => {
    const document: JsonSchema = {
      type: "object",
      properties: {
        items: { type: "array", items: Person, maxItems: 2, uniqueItems: true },
        "a/b": { type: ["string", "null"] },
        0: { const: 1 },
      },
    };
    const value = { items: [{ name: "", extra: 1 }, { age: 1.5 }, 3], "a/b": 1, 0: 2 };
    expect(
      issuesOf(document, value)
        .map(({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`)
        .sort(),
    ).toEqual([
      '["0"]: expected 1, got number 2',
      '["a/b"]: expected string or null, got number 1',
      "items: expected at most 2 items, got array of 3",
      "items[0].extra: expected no such key, got number 1",
      'items[0].name: expected at least 1 character, got string ""',
      "items[1].age: expected integer, got number 1.5",
      "items[1].name: expected a value, got nothing",
      "items[2]: expected object, got number 3",
    ]);
  });

  it("finds equal items among very many, and takes JSON for equal whatever the order of its keys", () => {
    const schema: JsonSchema = { type: "array", uniqueItems: true };
    const many = Array.from({ length: 50_000 }, (_unused, index) => ({ index, list: [index, "a"] }));
    expect(issuesOf(schema, many)).toEqual([]);
    expect(issuesOf(schema, [...many, { list: [7, "a"], index: 7 }])[0]?.expected).toBe(
      "items that differ (those at 7 and 50000 are equal)",
    );
    const alike = [
      "1",
      1,
      [1],
      ["1"],
      { a: 1 },
      { a: "1" },
      null,
      "null",
      true,
      "true",
      {},
      [],
      "#0",
      [[], []],
    ];
    expect(issuesOf(schema, alike)).toEqual([]);
    expect(issuesOf(schema, [0, -0])).toHaveLength(1);
    expect(issuesOf({ ...schema, uniqueItems: false }, [1, 1])).toEqual([]);
    // What is read from a hole is an item like any other.
    // oxlint-disable-next-line no-sparse-arrays
    expect(issuesOf(schema, [[,], []])).toEqual([]);
  });

  it("looks at each part of a value once for equal items, however deep it is and how often it is there", () => {
    let looks = 0;
    const counted = (inside: unknown): unknown =>
      Object.defineProperty({}, "inside", {
        enumerable: true,
        get: () => {
          looks += 1;
          return inside;
        },
      });
    let deep: unknown = "end";
    for (let level = 0; level < 300; level += 1) deep = [counted(deep), "x"];
    const nested: JsonSchema = {
      $ref: "#/$defs/list",
      $defs: {
        list: {
          uniqueItems: true,
          items: { properties: { inside: { $ref: "#/$defs/list" } } },
        },
      },
    };
    expect(issuesOf(nested, deep)).toEqual([]);
    // Once for equal items, and by Ajv a few times for the property itself.
    expect(looks).toBeLessThan(300 * 10);

    looks = 0;
    let shared = counted("end");
    for (let level = 0; level < 20; level += 1) shared = counted([shared, [shared]]);
    expect(issuesOf({ uniqueItems: true }, [shared, "x"])).toEqual([]);
    expect(looks).toBe(21);
  });

  it("remembers nothing of a value when it comes again", () => {
    const schema = fromJsonSchema({ uniqueItems: true });
    const first = { a: 1 };
    const value = [first, { a: 2 }];
    expect(schema["~standard"].validate(value)).toEqual({ value });
    first.a = 2;
    expect(schema["~standard"].validate(value)).toHaveProperty("issues");
  });

  const keywords: readonly (readonly [JsonSchema | boolean, unknown, string])[] = [
    [{ enum: ["a", 1, null] }, 2, 'one of "a", 1, null'],
    [{ minimum: 2 }, 1, "at least 2"],
    [{ exclusiveMinimum: 2 }, 2, "more than 2"],
    [{ maximum: 2 }, 3, "at most 2"],
    [{ exclusiveMaximum: 2 }, 2, "less than 2"],
    [{ multipleOf: 2 }, 3, "multiple of 2"],
    [{ maxLength: 1 }, "ab", "at most 1 character"],
    [{ pattern: "^a" }, "b", "string that matches /^a/u"],
    [{ format: "email" }, "b", "string in the format email"],
    [{ minItems: 1 }, [], "at least 1 item"],
    [{ uniqueItems: true }, [1, 2, 1], "items that differ (those at 0 and 2 are equal)"],
    [{ minProperties: 1 }, {}, "at least 1 key"],
    [{ maxProperties: 0 }, { a: 1 }, "at most 0 keys"],
    [{ prefixItems: [{}], items: false }, [1, 2], "at most 1 item"],
    [{ prefixItems: [{}], unevaluatedItems: false }, [1, 2], "at most 1 item"],
    [{ unevaluatedProperties: false }, { a: 1 }, "no such key"],
    [{ dependentRequired: { a: ["b"] } }, { a: 1 }, "a value"],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, "key: at most 1 character"],
    [{ oneOf: [{ type: "string" }, { minLength: 0 }] }, "a", "a value that fits one option only"],
    [{ not: { type: "string" } }, "a", "a value that does not fit the schema under not"],
    [false, 1, "nothing"],
  ];
  it("names the values that are allowed in the message, too", () => {
    expect(issuesOf({ enum: ["rain", "sun"] }, "snow")[0]?.message).toBe('must be one of "rain", "sun"');
    expect(issuesOf({ const: 1 }, 2)[0]?.message).toBe("must be 1");
  });

  it.each(keywords)("says in words what %j asks for", (document, value, expected) => {
    expect(issuesOf(document, value)[0]?.expected).toBe(expected);
  });

  it("counts code points, as Zod does, where ArkType and Valibot count UTF-16 units", () => {
    expect(issuesOf({ maxLength: 1 }, "👍")).toEqual([]);
    expect(validate(z.string().max(1), "👍").issues).toBeUndefined();
    expect(validate(type("string <= 1"), "👍").issues).toHaveLength(1);
    expect(validate(v.pipe(v.string(), v.maxLength(1)), "👍").issues).toHaveLength(1);
  });

  it("takes own keys only, and __proto__ as any other", () => {
    const inherited: JsonSchema = { properties: { constructor: { type: "string" } }, required: ["toString"] };
    expect(issuesOf(inherited, {}).map(({ path }) => path)).toEqual(["toString"]);
    const value: unknown = JSON.parse('{ "name": "a", "__proto__": { "polluted": true } }');
    expect(issuesOf(Person, value).map(({ path }) => path)).toEqual(["__proto__"]);
    expect(issuesOf({ ...Person, additionalProperties: { type: "string" } }, value)[0]?.path).toBe(
      "__proto__",
    );
    expect(validate(fromJsonSchema({ type: "object" }), value)).toEqual({ value });
    const declared: unknown = JSON.parse(
      '{ "properties": { "__proto__": { "type": "string" }, "a": { "type": "string" } } }',
    );
    expect(issuesOf(declared as JsonSchema, { a: 1 }).map(({ path }) => path)).toEqual(["a"]);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });

  it("refuses what no JSON holds", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n, Symbol("a")]) {
      expect(
        issuesOf({ type: ["number", "string", "object", "array", "null", "boolean"] }, value),
      ).toHaveLength(1);
    }
  });

  it.each([600, 3_000, 100_000])("refuses a schema that is %i levels deep", (levels) => {
    let document: JsonSchema = { type: "string" };
    for (let level = 0; level < levels; level += 1) document = { type: "array", items: document };
    expect(() => fromJsonSchema(document, { compile: "now" })).toThrow(
      expect.objectContaining({
        code: "BAD_SCHEMA",
        message: expect.stringContaining("deeper than 500") as unknown,
      }),
    );
  });

  it("ends with a value that contains itself, and with one of great depth", () => {
    const document: JsonSchema = { type: "object", properties: { next: { $ref: "#" } } };
    const circular: Record<string, unknown> = {};
    circular["next"] = circular;
    expect(issuesOf(document, circular)).toEqual([
      {
        path: "",
        message: "is nested too deeply, or contains itself",
        expected: "a value of limited depth",
        got: "object with key next",
      },
    ]);
    let deep: unknown = {};
    for (let depth = 0; depth < 200_000; depth += 1) deep = { next: deep };
    expect(issuesOf(document, deep)[0]?.message).toMatch(/too deeply/);
  });

  it("does not change with the object it was made of", () => {
    const document = { type: "string" };
    const schema = fromJsonSchema(document);
    document.type = "number";
    expect(validate(schema, "a")).toEqual({ value: "a" });
  });

  it("does not change with what it was described by", () => {
    const schema = fromJsonSchema(Person);
    const spoilt = toJsonSchema(schema, "input") as { properties: Record<string, unknown> };
    spoilt.properties["name"] = { type: "number" };
    expect(toJsonSchema(schema, "output")).toMatchObject(Person);
    expect(validate(schema, { name: "Ada" })).toEqual({ value: { name: "Ada" } });
  });

  it("tells schemas of the same $id apart", () => {
    const $id = "https://example.com/same";
    const text = fromJsonSchema({ $id, type: "string" });
    const count = fromJsonSchema({ $id, type: "number" });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(validate(text, "a").issues).toBeUndefined();
      expect(validate(count, "a").issues).toHaveLength(1);
    }
    expect(validate(fromJsonSchema({ $id, type: "string" }), "a").issues).toBeUndefined();
  });

  it("finds definitions by place, anchor and id", () => {
    const document: JsonSchema = {
      $id: "https://example.com/root",
      properties: {
        place: { $ref: "#/$defs/a~1b" },
        anchor: { $ref: "#here" },
        id: { $ref: "other" },
      },
      $defs: {
        "a/b": { type: "string" },
        anchored: { $anchor: "here", type: "number" },
        other: { $id: "other", type: "boolean" },
      },
    };
    expect(issuesOf(document, { place: 1, anchor: 1, id: 1 }).map(({ path }) => path)).toEqual([
      "place",
      "id",
    ]);
    expect(toJsonSchema(fromJsonSchema(document), "input").$defs).toEqual(document.$defs);
  });

  it("leaves formats to who asks for them", () => {
    const mail: JsonSchema = { type: "string", format: "email" };
    expect(validate(fromJsonSchema(mail), "no").issues).toHaveLength(1);
    expect(validate(fromJsonSchema(mail, { formats: "assert" }), "no").issues).toHaveLength(1);
    expect(validate(fromJsonSchema(mail, { formats: "annotate" }), "no").issues).toBeUndefined();
    expect(validate(fromJsonSchema({ format: "unheard-of", "x-more": 1 }), "no").issues).toBeUndefined();
  });
});

describe("patterns and formats of values that nobody vouches for", () => {
  it("patterns are read by the engine that is given", () => {
    const seen: string[] = [];
    const regExp = (pattern: string) => {
      if (pattern === "no") throw Object.assign(new Error("the pattern is no good"), { hint: "Write yes." });
      seen.push(pattern);
      return {
        test: (text: string) => {
          if (text === "long") throw new Error("the text is too long");
          return text === pattern;
        },
      };
    };
    const schema = fromJsonSchema(
      {
        properties: { a: { pattern: "a+" }, b: { pattern: "b+" } },
        patternProperties: { x: { type: "string" } },
        additionalProperties: { propertyNames: { pattern: "p" } },
      },
      { regExp },
    );
    expect(validate(schema, { a: "a+", b: "b+", x: "x" }).issues).toBeUndefined();
    expect(new Set(seen)).toEqual(new Set(["a+", "b+", "x", "p"]));
    expect(validate(schema, { a: "b+", b: "a+", x: 1 }).issues).toHaveLength(3);
    expect(validate(schema, { a: "long" }).issues).toEqual([
      {
        message: "the text is too long",
        expected: "the text is too long",
        path: [],
        keyword: "pattern",
        params: { pattern: "a+" },
      },
    ]);
    const fault = faultOf({ properties: { c: { pattern: "no" } } }, { regExp });
    expect(fault).toMatchObject({
      code: "BAD_SCHEMA",
      path: "#/properties/c/pattern",
      message: "The JSON Schema is faulty at #/properties/c/pattern: the pattern is no good.",
      hint: "Write yes.",
    });
    // What JavaScript does not take no engine is asked for.
    expect(faultOf({ pattern: "(" }, { regExp }).message).toContain("Invalid regular expression");
  });

  const require = createRequire(import.meta.url);
  const { fullFormats } = require("ajv-formats/dist/formats.js") as {
    readonly fullFormats: Readonly<Record<string, unknown>> & { readonly url: RegExp };
  };
  const { url } = fullFormats;
  const formats = Object.keys(fullFormats);
  const urlSchema = fromJsonSchema({ format: "url" }, { formats: "assert" });
  const isUrl = (text: string) => validate(urlSchema, text).issues === undefined;

  it.each([
    ["https://example.com/a?b#c", true],
    ["ftp://user:pass@example.co:8080/x@y", true],
    ["HTTP://ÄÖ.ÜÜ", true],
    ["http://1.2.3.4:80", true],
    ["http://10.0.0.1/", false],
    ["http://192.168.1.1", false],
    ["http://a--b.de", false],
    ["http://a.de/ x", false],
    ["http://@a.de", false],
    ["mailto:a@b.de", false],
  ])("%s is a URL: %s", (text, isOne) => {
    expect([isUrl(text), url.test(text)]).toEqual([isOne, isOne]);
  });

  it("takes the URLs that ajv-formats takes", () => {
    const piece = fc.constantFrom(
      ..."@:/.-a1é ?#[",
      ...[
        "http://",
        "ftp://",
        "a.de",
        "10.",
        "127.0.0.1",
        "192.168.",
        "8.8.8.8",
        "172.16.",
        ":80",
        "com",
        "xn--a",
      ],
    );
    const begin = fc.constantFrom("http://", "https://", "");
    fc.assert(
      fc.property(begin, fc.array(piece, { maxLength: 7 }), (first, pieces) => {
        const text = first + pieces.join("");
        expect([text, isUrl(text)]).toEqual([text, url.test(text)]);
      }),
      { numRuns: (fc.readConfigureGlobal().numRuns ?? 100) * 50 },
    );
  });

  it("checks all formats in time that grows with the text alone", { timeout: 60_000 }, () => {
    // Each would take hours if it took time that grows with the square of the text.
    const script = `
      import { fromJsonSchema } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
      const repeat = (unit) => unit.repeat(Math.ceil(60_000 / unit.length));
      const units = [..."a1.-/%:~@A+!{[(\\n ", "a.", "1.", "a-", "%41", "{a}", "a:", "::", "@a", "a@", "/~0", "AAAA", "{a,", "12"];
      const begins = ["", "a", "http://", "http://a", "https://1.1.1.1:", "P", "PT", "2020-01-01T", "12:00:00.", "a@", "::", "/", "urn:uuid:"];
      const formats = ${JSON.stringify(formats)};
      for (const format of formats) {
        const { validate } = fromJsonSchema({ format }, { formats: "assert" })["~standard"];
        for (const begin of begins) for (const unit of units) validate(begin + repeat(unit) + "\\0");
      }
      console.log(formats.length);
    `;
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", script],
      { timeout: 50_000, encoding: "utf8" },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    expect(Number(stdout)).toBeGreaterThan(15);
  });
});

describe("references", () => {
  it.each<[string, JsonSchema, string, string]>([
    ["itself", { $ref: "#" }, "#/$ref", "it leads back to #, so"],
    [
      "a root with an $id",
      { $id: "https://a.b/c", $ref: "https://a.b/c#" },
      "#/$ref",
      "it leads back to #, so",
    ],
    [
      "one another",
      { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, items: { $ref: "#/$defs/a" } },
      "#/$defs/a/$ref",
      "it leads back to #/$defs/a by way of #/$defs/b, so",
    ],
    [
      "an option",
      { anyOf: [{ type: "string" }, { $ref: "#" }] },
      "#/anyOf/1/$ref",
      "it leads back to #/anyOf/1",
    ],
    [
      "a condition",
      { if: { type: "object" }, then: { not: { $ref: "#" } } },
      "#/then/not/$ref",
      "leads back",
    ],
    [
      "an anchor",
      { items: { $anchor: "x", dependentSchemas: { a: { $ref: "#x" } } } },
      "#/items/dependentSchemas/a/$ref",
      "",
    ],
    [
      "a dynamic anchor",
      { $dynamicAnchor: "x", allOf: [{ $dynamicRef: "#x" }] },
      "#/allOf/0/$dynamicRef",
      "leads back",
    ],
    ["no keyword's place", { $ref: "#/x-a~1b", "x-a/b": { $ref: "#" } }, "#/$ref", "leads back"],
  ])("that lead back without end are refused: %s", (_name, document, path, message) => {
    const fault = faultOf(document);
    expect(fault).toMatchObject({ code: "BAD_SCHEMA", path });
    expect(fault.message).toContain(message);
  });

  it("may lead back where there is less of the value", () => {
    const tree: JsonSchema = {
      $defs: {
        node: { properties: { next: { $ref: "#/$defs/node" }, all: { items: { $ref: "#" } } } },
        leaf: { type: "object" },
      },
      allOf: [{ $ref: "#/$defs/node" }, { $ref: "#/$defs/leaf" }, { $ref: "#/$defs/leaf" }],
    };
    expect(issuesOf(tree, { next: { next: { all: [{}] } } })).toEqual([]);
    expect(issuesOf(tree, { next: { all: [1] } })).toHaveLength(2);
    const chain = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`d${index}`, { $ref: `#/$defs/d${index + 1}` }]),
    );
    expect(findEndlessReference({ $defs: { ...chain, d5000: {} }, $ref: "#/$defs/d0" })).toBeUndefined();
  });

  it.each([
    ["https://example.com/a.json", "https://example.com/a.json is never fetched"],
    ["other.json#/$defs/a", "other.json#/$defs/a is never fetched"],
    ["file:///etc/passwd", "file:///etc/passwd is never fetched"],
    ["#/$defs/none", "there is nothing at #/$defs/none"],
    ["#none", "there is nothing at #none"],
  ])("%s cannot be had", ($ref, message) => {
    expect(faultOf({ properties: { a: { $ref } } })).toMatchObject({
      path: "#/properties/a/$ref",
      message: `The JSON Schema is faulty at #/properties/a/$ref: ${message}.`,
    });
  });

  it("have their place where the schema has an $id", () => {
    expect(faultOf({ $id: "https://a.b/c/d", items: { $ref: "e#/f" } })).toMatchObject({
      path: "#/items/$ref",
    });
  });
});

describe("a faulty JSON Schema", () => {
  it("is told with its place", () => {
    expect(faultOf({ properties: { a: { type: "strng" } } })).toMatchObject({
      code: "BAD_SCHEMA",
      path: "#/properties/a/type",
      vendor: "json-schema",
    });
    expect(faultOf({ properties: { a: { minLength: -1 } } }).message).toMatch(
      /at #\/properties\/a\/minLength: must be >= 0/,
    );
    expect(faultOf({ items: { pattern: "(" } }).path).toBe("#/items/pattern");
    expect(faultOf({ patternProperties: { "(": {} } }).path).toBe("#/patternProperties/(");
    expect(faultOf({ properties: { a: { $ref: "#/$defs/none" } } })).toMatchObject({
      path: "#/properties/a/$ref",
      message: "The JSON Schema is faulty at #/properties/a/$ref: there is nothing at #/$defs/none.",
    });
    expect(faultOf({ $schema: "http://json-schema.org/draft-07/schema#" }).path).toBe("#/$schema");
    expect(faultOf({ $async: true }).path).toBe("#/$async");
  });

  it("is no JSON at all", () => {
    const circular: Record<string, unknown> = {};
    circular["items"] = circular;
    expect(faultOf(circular)).toMatchObject({ code: "BAD_SCHEMA", path: "#/items" });
    expect(faultOf({ const: new Date(0) }).path).toBe("#/const");
    expect(faultOf({ const: Number.NaN }).path).toBe("#/const");
    expect(faultOf({ properties: { "a/b": { default: () => 1 } } }).path).toBe("#/properties/a~1b/default");
    for (const document of [null, undefined, 1, "string", []])
      expect(faultOf(document).code).toBe("BAD_SCHEMA");
  });

  it("is told with the first value, unless asked for at once", () => {
    const schema = fromJsonSchema({ type: "strng" });
    expect(() => schema["~standard"].validate(1)).toThrow(ContractError);
  });
});

describe("the JSON Schema of a composed schema", () => {
  const parts: readonly AnySchema[] = [
    z.string(),
    z.int(),
    z.object({ a: z.string(), k: z.int().optional() }),
    z.object({ b: z.string(), deep: z.object({ x: z.int() }).optional() }),
    z.object({ c: z.int(), deep: z.object({ y: z.int() }).optional() }),
    fromJsonSchema({
      type: "object",
      properties: { a: { $ref: "#/$defs/t" } },
      $defs: { t: { type: "string" } },
    }),
    fromJsonSchema({ type: "object", properties: { next: { $ref: "#" } }, required: ["b"] }),
  ];
  const { schemas } = fc.letrec<{ schemas: AnySchema }>((tie) => {
    const few = fc.array(tie("schemas"), { minLength: 1, maxLength: 3 });
    return {
      schemas: fc.oneof(
        { maxDepth: 3, depthSize: "medium" },
        { weight: 3, arbitrary: fc.constantFrom(...parts) },
        few.map(unionOf),
        { weight: 2, arbitrary: few.map(intersectionOf) },
        few.map(tupleOf),
        tie("schemas").map(arrayOf),
        fc.dictionary(fc.constantFrom("a", "b"), tie("schemas"), { maxKeys: 2 }).map(objectOf),
      ),
    };
  });
  const { values } = fc.letrec<{ values: unknown }>((tie) => ({
    values: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>("", "a", 1),
      {
        weight: 3,
        arbitrary: fc.dictionary(
          fc.constantFrom("a", "b", "c", "k", "deep", "next", "x", "y"),
          tie("values"),
        ),
      },
      fc.array(tie("values"), { maxLength: 3 }),
    ),
  }));
  const runs = fc.readConfigureGlobal().numRuns ?? 100;

  it("takes what the schema takes, and on the output what it hands on", { timeout: 120_000 }, async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(schemas, fc.array(values, { minLength: 20, maxLength: 20 }), async (schema, some) => {
        const input = fromJsonSchema(toJsonSchema(schema, "input"));
        const output = fromJsonSchema(toJsonSchema(schema, "output"));
        for (const value of some) {
          const result = await schema["~standard"].validate(value);
          expect(validate(input, value).issues === undefined).toBe(result.issues === undefined);
          if (result.issues) continue;
          passed += 1;
          expect(validate(output, result.value).issues).toBeUndefined();
        }
      }),
      { numRuns: runs },
    );
    // Otherwise the property was never put to the test.
    expect(passed).toBeGreaterThan(runs / 2);
  });
});

it("says in words which types there may be", () => {
  const result = validate(fromJsonSchema({ type: ["string", "number"] }), null);
  expect(result.issues?.map(({ message }) => message)).toEqual(["must be string or number"]);
});
