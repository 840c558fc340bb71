import { scope, type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as zm from "zod/mini";
import {
  type AnySchema,
  ContractError,
  type Io,
  intersectionOf,
  jsonProblems,
  objectOf,
  toJsonSchema,
  unionOf,
} from "./index.ts";

const draft = "https://json-schema.org/draft/2020-12/schema";

const failure = (schema: unknown, io: Io = "input"): ContractError => {
  try {
    // Some of these are no schemas: that is what is tested.
    toJsonSchema(schema as AnySchema, io);
  } catch (error) {
    if (ContractError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("it did not throw");
};

describe("the JSON Schema of a contract", () => {
  it("is that of its vendor, for the side that is asked for", () => {
    const schema = z.object({ text: z.string(), count: z.int().default(1) });
    expect(toJsonSchema(schema, "input")).toEqual({
      $schema: draft,
      type: "object",
      properties: {
        text: { type: "string" },
        count: { type: "integer", default: 1, minimum: -(2 ** 53 - 1), maximum: 2 ** 53 - 1 },
      },
      required: ["text"],
    });
    expect(toJsonSchema(schema, "output")).toMatchObject({
      required: ["text", "count"],
      additionalProperties: false,
    });
    expect(toJsonSchema(type({ a: "string", "b?": "number" }), "input")).toEqual({
      $schema: draft,
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number" } },
      required: ["a"],
    });
  });

  it("is plain data, new each time", () => {
    const schema = z.object({ a: z.string() }).meta({ id: "ToJsonSchemaPlain" });
    const document = toJsonSchema(schema, "input");
    expect(Reflect.ownKeys(document)).toEqual(["$schema", "type", "properties", "required"]);
    expect(toJsonSchema(schema, "input")).not.toBe(document);
  });

  it("has its root spelt out where the vendor refers to a definition", () => {
    const Node = z
      .object({
        text: z.string(),
        get children() {
          return z.array(Node);
        },
      })
      .meta({ id: "ToJsonSchemaNode" });
    expect(toJsonSchema(Node, "input")).toEqual({
      $schema: draft,
      type: "object",
      properties: { text: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
      required: ["text", "children"],
    });
    const recursive = scope({ node: { value: "string", "next?": "node" } }).export().node;
    expect(toJsonSchema(recursive, "input")).toMatchObject({
      type: "object",
      properties: { value: { type: "string" }, next: { $ref: "#" } },
    });
    expect(toJsonSchema(recursive.array(), "output")).toMatchObject({ type: "array" });
  });

  it("keeps what stands beside the reference", () => {
    const Thing = z.object({ a: z.string() }).meta({ id: "ToJsonSchemaThing" });
    expect(toJsonSchema(Thing.readonly(), "input")).toEqual({
      $schema: draft,
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      readOnly: true,
    });
  });

  it("keeps the definitions that are used", () => {
    const Item = z.object({ a: z.string() }).meta({ id: "ToJsonSchemaItem" });
    const Order = z.object({ first: Item, second: Item }).meta({ id: "ToJsonSchemaOrder" });
    const document = toJsonSchema(Order, "input");
    expect(document.properties).toEqual({
      first: { $ref: "#/$defs/ToJsonSchemaItem" },
      second: { $ref: "#/$defs/ToJsonSchemaItem" },
    });
    expect(Object.keys(document.$defs ?? {})).toEqual(["ToJsonSchemaItem"]);
  });
});

describe("a contract that is not JSON", () => {
  it("says where, why and what to try", () => {
    const schema = z.object({ items: z.array(z.object({ at: z.date() })), seen: z.set(z.string()) });
    const error = failure(schema);
    expect(error).toMatchObject({
      name: "ContractError",
      code: "NOT_JSON",
      path: "items[].at",
      vendor: "zod",
      message: "The input of the contract is not JSON: at items[].at: a Date is not JSON (and 1 more).",
      problems: [
        { path: "items[].at", reason: "a Date is not JSON" },
        { path: "seen", reason: "a Set is not JSON" },
      ],
    });
    expect(error.hint).toMatch(/date-time/);
  });

  const zodParts: readonly (readonly [string, z.ZodType, string])[] = [
    ["Date", z.date(), "a Date is not JSON"],
    ["Map", z.map(z.string(), z.string()), "a Map is not JSON"],
    ["Set", z.set(z.string()), "a Set is not JSON"],
    ["bigint", z.bigint(), "a bigint is not JSON"],
    ["symbol", z.symbol(), "a symbol is not JSON"],
    ["undefined", z.undefined(), "undefined is not JSON"],
    ["void", z.void(), "undefined is not JSON"],
    ["NaN", z.nan(), "NaN is not JSON"],
    ["File", z.file(), "a File is not JSON"],
    ["Promise", z.promise(z.string()), "a Promise is not JSON"],
    ["bigint literal", z.literal([1n]), "a bigint is not JSON"],
    ["undefined literal", z.literal(["a", undefined]), "undefined is not JSON"],
    ["infinite literal", z.literal(Number.POSITIVE_INFINITY), "an infinite number is not JSON"],
    ["class", z.instanceof(Error), "an Error is not JSON"],
    ["class of a Date", z.instanceof(Date), "a Date is not JSON"],
    ["symbol key", z.object({ [Symbol("key")]: z.string() }), "a symbol as a key is not JSON"],
  ];
  it.each(zodParts)("names a %s in Zod, on both sides", (_, part, reason) => {
    for (const io of ["input", "output"] as const) {
      expect(jsonProblems(z.object({ a: z.array(part.optional()) }), io)).toEqual([{ path: "a[]", reason }]);
    }
  });

  it("names functions, which Zod calls a schema too", () => {
    expect(jsonProblems(z.object({ run: z.function() as unknown as z.ZodType }), "input")).toEqual([
      { path: "run", reason: "a function is not JSON" },
    ]);
  });

  it("looks at the side that is asked for", () => {
    const length = z.string().transform((text) => text.length);
    expect(jsonProblems(length, "input")).toEqual([]);
    expect(jsonProblems(length, "output")).toEqual([
      { path: "", reason: "the result of a transform is not known to be JSON", isUnsure: true },
    ]);
    expect(failure(length, "output").hint).toMatch(/pipe or a codec/);
    expect(toJsonSchema(length.pipe(z.int()), "output").type).toBe("integer");

    const date = z.codec(z.iso.datetime(), z.date(), {
      decode: (text) => new Date(text),
      encode: (value) => value.toISOString(),
    });
    expect(toJsonSchema(date, "input")).toMatchObject({ type: "string", format: "date-time" });
    expect(jsonProblems(date, "output")).toEqual([{ path: "", reason: "a Date is not JSON" }]);
    expect(toJsonSchema(z.preprocess(String, z.string()), "input").type).toBe("string");
  });

  it("takes the wire's form of what a coercion makes, for the input alone", () => {
    const schema = z.object({ at: z.coerce.date().optional(), count: z.coerce.bigint() });
    expect(toJsonSchema(schema, "input")).toEqual({
      $schema: draft,
      type: "object",
      properties: {
        at: { type: ["string", "number"], format: "date-time", minimum: -8.64e15, maximum: 8.64e15 },
        count: { type: ["string", "integer"] },
      },
      required: ["count"],
    });
    expect(jsonProblems(schema, "output")).toEqual([
      { path: "at", reason: "a Date is not JSON" },
      { path: "count", reason: "a bigint is not JSON" },
    ]);
  });

  const date = z.date();
  const doubtful: readonly (readonly [string, z.ZodType, Io, readonly string[]])[] = [
    ["a custom check", z.custom<string>(), "input", [""]],
    ["a check for arrays", z.instanceof(Array), "output", [""]],
    ["what may be undefined", z.object({ a: z.string().or(z.undefined()) }), "output", ["a|1"]],
    ["what a preprocess takes", z.object({ a: z.preprocess(String, date) }), "input", ["a"]],
    ["a transform's result", z.array(z.string().transform(Number)), "output", ["[]"]],
  ];
  it.each(doubtful)("is not known of %s", (_, schema, io, paths) => {
    const problems = jsonProblems(schema, io);
    expect(problems.map(({ path, isUnsure }) => [path, isUnsure])).toEqual(paths.map((path) => [path, true]));
    expect(failure(schema, io).code).toBe("NOT_JSON");
  });

  it("is known where a schema is in doubt in one place and not in another", () => {
    const schema = z.object({
      a: z.preprocess(String, date),
      b: z.object({ c: date }),
      d: z.custom<string>(),
    });
    expect(jsonProblems(schema, "input")).toEqual([
      { path: "b.c", reason: "a Date is not JSON" },
      { path: "a", reason: "a Date is not JSON", isUnsure: true },
      { path: "d", reason: "what z.custom takes is not known to be JSON", isUnsure: true },
    ]);
    expect(failure(schema).message).toContain("at b.c: a Date is not JSON (and 2 more)");
  });

  it("has a remedy for the side that it is about", () => {
    expect(failure(z.date(), "input").hint).toMatch(/z\.coerce\.date\(\) or z\.codec/);
    expect(failure(z.date(), "output").hint).toMatch(/z\.iso\.datetime\(\)\), and give that/);
    expect(failure(z.map(z.string(), z.string()), "output").hint).toMatch(/a record, or an array of pairs/);
    expect(failure(z.instanceof(URL)).hint).toMatch(/use a string/);
    expect(failure(z.undefined()).hint).toMatch(/optional/);
  });

  it("is found in ArkType, which hides it otherwise", () => {
    const schema = type({
      at: "Date",
      map: "Map",
      big: "bigint | string",
      nothing: "undefined",
      "left?": "string | undefined",
      list: type.instanceOf(URL).array(),
      date: "string.date.parse",
      length: type("string").pipe((text) => text.length),
      typed: type("string")
        .pipe((text) => text.length)
        .to("number"),
      may: "string | undefined",
    });
    expect(
      jsonProblems(schema, "input")
        .map(({ path, reason, isUnsure }) => `${path}: ${reason}${isUnsure === true ? "?" : ""}`)
        .sort(),
    ).toEqual([
      "at: a Date is not JSON",
      "big|0: a bigint is not JSON",
      "list[]: a URL is not JSON",
      "map: a Map is not JSON",
      "may|1: undefined is not JSON?",
      "nothing: undefined is not JSON",
    ]);
    expect(
      jsonProblems(schema, "output")
        .map(({ path, isUnsure }) => `${path}${isUnsure === true ? "?" : ""}`)
        .sort(),
    ).toEqual(["at", "big|0", "date", "length?", "list[]", "map", "may|1?", "nothing"]);
  });

  it("is found once in a recursive one", () => {
    const Node = z.object({
      at: z.date(),
      get next() {
        return Node.optional();
      },
    });
    expect(jsonProblems(Node, "input")).toEqual([{ path: "at", reason: "a Date is not JSON" }]);
    const recursive = scope({ node: { at: "Date", "next?": "node" } }).export().node;
    expect(jsonProblems(recursive, "input")).toEqual([{ path: "at", reason: "a Date is not JSON" }]);
  });

  it("is what its vendor throws for, where that is not known beforehand", () => {
    const standard = {
      version: 1,
      vendor: "other",
      validate: (value: unknown) => ({ value }),
      jsonSchema: {
        input: () => {
          throw new Error("no such type");
        },
        output: () => ({ type: "string" }),
      },
    } as const;
    const schema: AnySchema = { "~standard": standard };
    expect(jsonProblems(schema, "input")).toEqual([{ path: "", reason: "no such type", isUnsure: true }]);
    expect(toJsonSchema(schema, "output")).toEqual({ $schema: draft, type: "string" });
  });

  it("is taken at the word of an author who says what its JSON Schema is", () => {
    const schema = z.custom<Error>();
    schema._zod.toJSONSchema = () => ({ type: "string" });
    expect(toJsonSchema(z.object({ a: schema }), "input").properties).toEqual({ a: { type: "string" } });
  });
});

describe("a schema without JSON Schema", () => {
  it("says what to do about its vendor", () => {
    expect(failure(v.string())).toMatchObject({
      code: "UNSUPPORTED_VENDOR",
      vendor: "valibot",
      hint: 'Wrap the schema: fromValibot(schema), from "@atomic-agents/contracts/valibot".',
    });
    expect(failure(zm.string()).hint).toMatch(/zod\/mini/);
    const other: AnySchema = {
      "~standard": { version: 1, vendor: "other", validate: (value) => ({ value }) },
    };
    expect(failure(other).hint).toMatch(/Zod 4, ArkType/);
    expect(failure(objectOf({ a: v.string() }))).toMatchObject({ code: "UNSUPPORTED_VENDOR" });
    expect(jsonProblems(v.string(), "input")).toEqual([
      { path: "", reason: expect.stringContaining("valibot") as string, isUnsure: true },
    ]);
  });

  it("is known by its vendor's own words not to be JSON, where it is not", () => {
    expect(jsonProblems(v.object({ at: v.date(), any: v.custom<string>(() => true) }), "input")).toEqual([
      { path: "at", reason: "a Date is not JSON" },
    ]);
    expect(jsonProblems(zm.object({ seen: zm.set(zm.string()) }), "output")).toEqual([
      { path: "seen", reason: "a Set is not JSON" },
    ]);
  });

  it("is none", () => {
    expect(failure({ type: "string" })).toMatchObject({ code: "BAD_SCHEMA" });
    expect(failure(null)).toMatchObject({ code: "BAD_SCHEMA" });
  });
});

describe("the JSON Schema of a composed schema", () => {
  it("has the problems of its members, in their places", () => {
    const schema = objectOf({ a: unionOf([z.string(), z.object({ at: z.date() })]), b: z.bigint() });
    expect(jsonProblems(schema, "input")).toEqual([
      { path: "a|1.at", reason: "a Date is not JSON" },
      { path: "b", reason: "a bigint is not JSON" },
    ]);
  });

  it("has the definitions of its members under one root, each name once", () => {
    const makeNode = (value: z.ZodType) => {
      const Node = z
        .object({
          value,
          get next() {
            return Node.optional();
          },
        })
        .meta({ id: `ToJsonSchemaLink${value.type}` });
      return z.object({ head: Node });
    };
    const text = makeNode(z.string());
    const Plain = z.object({
      get self() {
        return Plain.optional();
      },
    });
    const document = toJsonSchema(
      objectOf({ a: text, again: text, b: makeNode(z.int()), plain: Plain }),
      "input",
    );
    expect(document).toEqual({
      $schema: draft,
      type: "object",
      properties: {
        a: {
          type: "object",
          properties: { head: { $ref: "#/$defs/ToJsonSchemaLinkstring" } },
          required: ["head"],
        },
        again: {
          type: "object",
          properties: { head: { $ref: "#/$defs/ToJsonSchemaLinkstring" } },
          required: ["head"],
        },
        b: {
          type: "object",
          properties: { head: { $ref: "#/$defs/ToJsonSchemaLinknumber" } },
          required: ["head"],
        },
        plain: { $ref: "#/$defs/root" },
      },
      required: ["a", "again", "b", "plain"],
      $defs: expect.objectContaining({
        root: { type: "object", properties: { self: { $ref: "#/$defs/root" } } },
      }),
    });
  });

  it("keeps definitions apart that bear the same name", () => {
    const one = scope({ node: { one: "string", "next?": "node" } }).export().node;
    const two = z.object({
      two: z.string(),
      get next() {
        return two.optional();
      },
    });
    const three = z.object({
      three: z.string(),
      get next() {
        return three.optional();
      },
    });
    const { $defs = {}, properties = {} } = toJsonSchema(objectOf({ one, two, three }), "input");
    expect(properties["one"]).toEqual({ $ref: "#/$defs/root" });
    expect(properties["two"]).toEqual({ $ref: "#/$defs/root_2" });
    expect($defs["root_3"]).toMatchObject({ properties: { next: { $ref: "#/$defs/root_3" } } });
  });

  it("puts the parts of an intersection together on the output, where each is closed", () => {
    const schema = intersectionOf([
      z.object({ a: z.string(), deep: z.object({ x: z.int() }) }),
      z.object({ b: z.string(), deep: z.object({ y: z.int() }) }),
    ]);
    expect(toJsonSchema(schema, "input").allOf).toHaveLength(2);
    expect(toJsonSchema(schema, "output")).toMatchObject({
      type: "object",
      properties: {
        a: { type: "string" },
        b: { type: "string" },
        deep: { properties: { x: { type: "integer" }, y: { type: "integer" } }, additionalProperties: false },
      },
      required: ["a", "deep", "b"],
      additionalProperties: false,
    });
  });
});
