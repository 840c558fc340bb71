import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type AnySchema,
  ContractError,
  canParseOnce,
  inspectSchema,
  jsonProblems,
  objectOf,
  toJsonSchema,
} from "../index.ts";
import { fromJsonSchema } from "../json-schema/index.ts";
import { fromValibot } from "./index.ts";

const accepts = (schema: AnySchema, value: unknown): boolean => {
  const result = schema["~standard"].validate(value);
  return !(result instanceof Promise) && result.issues === undefined;
};

const $schema = "https://json-schema.org/draft/2020-12/schema";

describe("fromValibot", () => {
  it("gives the schema a JSON Schema for each side", () => {
    const schema = fromValibot(
      v.object({
        name: v.pipe(v.string(), v.minLength(1), v.description("A name.")),
        age: v.optional(v.pipe(v.number(), v.integer()), 3),
        tags: v.array(v.picklist(["a", "b"])),
        length: v.pipe(
          v.string(),
          v.transform((text) => text.length),
          v.number(),
        ),
      }),
    );
    expect(toJsonSchema(schema, "input")).toEqual({
      $schema,
      type: "object",
      properties: {
        name: { type: "string", minLength: 1, description: "A name." },
        age: { type: "integer", default: 3 },
        tags: { type: "array", items: { type: "string", enum: ["a", "b"] } },
        length: { type: "string" },
      },
      required: ["name", "tags", "length"],
    });
    expect(toJsonSchema(schema, "output").properties).toMatchObject({ length: { type: "number" } });
  });

  it("keeps validation, types and the schema it was given", () => {
    const given = v.object({ name: v.pipe(v.string(), v.trim()) });
    const before = Object.getOwnPropertyDescriptors(given);
    const schema: typeof given = fromValibot(given);
    expect(Object.getOwnPropertyDescriptors(given)).toEqual(before);
    expect("jsonSchema" in given["~standard"]).toBe(false);
    expect(schema["~standard"].validate({ name: " a " })).toEqual({ typed: true, value: { name: "a" } });
    expect(v.parse(schema, { name: " a " })).toEqual({ name: "a" });
    expect(schema.entries).toBe(given.entries);
  });

  it("gives a schema that can be used inside others, and in pipes", () => {
    const inner = fromValibot(v.object({ a: v.string() }));
    const outer = v.pipe(v.object({ inner: v.optional(inner) }), v.readonly());
    expect(v.parse(outer, { inner: { a: "x", b: 1 } })).toEqual({ inner: { a: "x" } });
    expect(toJsonSchema(fromValibot(outer), "input").properties).toMatchObject({
      inner: { required: ["a"] },
    });
    expect(toJsonSchema(objectOf({ inner }), "input").properties).toMatchObject({
      inner: { required: ["a"] },
    });
    expect(
      v.parse(
        v.pipe(
          inner,
          v.check(() => true),
        ),
        { a: "x" },
      ),
    ).toEqual({ a: "x" });
  });

  it("can be inspected like the schema it was given", () => {
    const given = v.object({ a: v.pipe(v.string(), v.trim()), b: v.custom<string>(() => true) });
    expect(inspectSchema(fromValibot(given))).toEqual(inspectSchema(given));
    expect(canParseOnce(fromValibot(v.object({ a: v.string() })))).toBe(true);
  });

  it("leaves out of the JSON Schema what only Valibot can check", () => {
    const schema = fromValibot(
      v.pipe(
        v.string(),
        v.trim(),
        v.minLength(2),
        v.check((text) => text !== "no"),
        v.startsWith("a"),
        v.endsWith("b"),
        v.maxBytes(9),
        v.brand("Text"),
        v.readonly(),
      ),
    );
    for (const io of ["input", "output"] as const) {
      expect(toJsonSchema(schema, io)).toEqual({ $schema, type: "string", minLength: 2, pattern: "^a" });
    }
    expect(inspectSchema(schema).opaqueChecks.map(({ name }) => name)).toEqual([
      "check",
      "ends_with",
      "max_bytes",
    ]);
  });

  it("says what is not JSON, where and why", () => {
    const schema = fromValibot(
      v.object({
        at: v.date(),
        items: v.array(v.object({ map: v.map(v.string(), v.string()) })),
        big: v.nullable(v.bigint()),
        nothing: v.undefined(),
        made: v.custom<string>(() => true),
        instance: v.instance(Error),
        run: v.function(),
        literal: v.literal(1n),
        parsed: v.pipe(v.string(), v.toDate(), v.date()),
        date: v.pipe(v.string(), v.toDate()),
        digits: v.pipe(v.string(), v.toBigint()),
        left: v.union([v.string(), v.undefined()]),
        length: v.pipe(
          v.string(),
          v.transform((text) => text.length),
        ),
      }),
    );
    const lines = (io: "input" | "output") =>
      jsonProblems(schema, io).map(
        ({ path, reason, isUnsure }) => `${path}: ${reason}${isUnsure === true ? "?" : ""}`,
      );
    const both = [
      "at: a Date is not JSON",
      "items[].map: a Map is not JSON",
      "big: a bigint is not JSON",
      "nothing: undefined is not JSON",
      "instance: an Error is not JSON",
      "run: a function is not JSON",
      "literal: a bigint is not JSON",
    ];
    const made = "made: what v.custom takes is not known to be JSON?";
    const left = "left|1: undefined is not JSON?";
    expect(lines("input")).toEqual([...both, made, left]);
    expect(lines("output")).toEqual([
      ...both,
      "parsed: a Date is not JSON",
      "date: a Date is not JSON",
      "digits: a bigint is not JSON",
      made,
      left,
      "length: the result of transform is not known to be JSON?",
    ]);
    expect(() => toJsonSchema(schema, "input")).toThrow(
      "The input of the contract is not JSON: at at: a Date is not JSON (and 8 more).",
    );
  });

  it("says where what the converter cannot show is", () => {
    const schema = fromValibot(v.object({ a: v.array(v.record(v.picklist(["x"]), v.string())) }));
    const [problem] = jsonProblems(schema, "input");
    expect(problem?.path).toBe("a[]");
    expect(problem?.reason).toMatch(/record.*picklist/);
  });

  it("takes recursive schemas", () => {
    interface Node {
      readonly text: string;
      readonly next?: Node | undefined;
    }
    const Node: v.GenericSchema<Node> = v.object({ text: v.string(), next: v.optional(v.lazy(() => Node)) });
    const document = toJsonSchema(fromValibot(Node), "input");
    expect(document.type).toBe("object");
    const check = fromJsonSchema(document);
    expect(check["~standard"].validate({ text: "a", next: { text: "b" } })).toHaveProperty("value");
    expect(check["~standard"].validate({ text: "a", next: { text: 1 } })).toHaveProperty("issues");
  });

  it("takes no other schema", () => {
    for (const schema of [z.string(), {}, null, { ...v.string(), kind: "validation" }]) {
      // These are no Valibot schemas: that is what is tested.
      expect(() => fromValibot(schema as AnySchema)).toThrow(/takes a Valibot schema/);
      expect(() => fromValibot(schema as AnySchema)).toThrow(ContractError);
    }
  });

  it("accepts what its JSON Schema accepts, where it hides nothing", () => {
    const schema = fromValibot(
      v.object({
        a: v.optional(v.pipe(v.string(), v.maxLength(1))),
        b: v.union([v.number(), v.array(v.nullable(v.literal("x")))]),
        c: v.optional(v.strictTuple([v.string(), v.boolean()])),
      }),
    );
    const shown = fromJsonSchema(toJsonSchema(schema, "input"));
    const { values } = fc.letrec<{ values: unknown }>((tie) => ({
      values: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom<unknown>("", "x", "xx", 1, true, null),
        fc.array(tie("values"), { maxLength: 3 }),
      ),
    }));
    const objects = fc.record({ a: values, b: values, c: values }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof(values, objects), (value) => {
        // Valibot takes an array for an object.
        fc.pre(!Array.isArray(value));
        expect(accepts(schema, value)).toBe(accepts(shown, value));
      }),
    );
  });
});
