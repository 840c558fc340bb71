import type { JsonSchema } from "@atomic-agents/contracts";
import { toJsonSchema } from "@atomic-agents/contracts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import * as z from "zod";

import { exampleValue, statedExample } from "./example-value.ts";
import { findByPointer } from "./find-by-pointer.ts";

const List = z.object({
  head: z.string(),
  get tail() {
    return List.optional();
  },
});
const Folder = z.object({
  name: z.string(),
  get folders() {
    return z.array(Folder);
  },
});

const schemas: Readonly<Record<string, JsonSchema>> = {
  text: toJsonSchema(z.string().min(10).max(12), "input"),
  date: toJsonSchema(z.iso.datetime(), "input"),
  simplePattern: toJsonSchema(z.string().regex(/^[A-Z]{2}-\d{5}\.[^a]+-?$/), "input"),
  numbers: toJsonSchema(
    z.object({
      a: z.int().min(3),
      b: z.number().gt(0).lt(1),
      c: z.int().max(-4),
      d: z.number().multipleOf(5),
    }),
    "input",
  ),
  bounded: { type: "integer", minimum: 7, maximum: 9, multipleOf: 4 },
  array: toJsonSchema(z.array(z.string()).min(3), "input"),
  unique: { type: "array", items: { type: "integer" }, minItems: 3, uniqueItems: true },
  tuple: toJsonSchema(z.tuple([z.string(), z.int()]), "input"),
  record: toJsonSchema(z.record(z.string(), z.boolean()), "input"),
  union: toJsonSchema(z.union([z.object({ a: z.string() }), z.int()]), "input"),
  nullable: toJsonSchema(z.string().nullable(), "input"),
  list: toJsonSchema(List, "input"),
  folder: toJsonSchema(Folder, "input"),
  both: toJsonSchema(z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })), "input"),
  literal: toJsonSchema(
    z.object({ kind: z.literal("x"), e: z.enum(["p", "q"]), d: z.int().default(7) }),
    "input",
  ),
  odd: { properties: { "": { type: "string" }, b: true, c: false }, required: ["z"] },
  anything: {},
};

describe("exampleValue", () => {
  it.each(Object.entries(schemas))("makes a value that the schema takes: %s", (_, schema) => {
    const check = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const value = exampleValue(schema, (reference) => findByPointer(schema, reference));
    expect([check(value), check.errors, value]).toEqual([true, null, value]);
  });

  it("ends where a schema requires itself", () => {
    const schema: JsonSchema = { type: "object", properties: { a: { $ref: "#" } }, required: ["a"] };
    expect(JSON.stringify(exampleValue(schema, () => schema)).length).toBeLessThan(200);
    expect(exampleValue({ anyOf: [{ $ref: "#" }] }, () => ({ anyOf: [{ $ref: "#" }] }))).toBeDefined();
  });

  it("takes what the author has written first", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string", examples: ["A"] }, b: { default: 2 } },
    };
    expect(exampleValue(schema, () => undefined)).toEqual({ a: "A", b: 2 });
  });
});

describe("statedExample", () => {
  it("is what is written, or made of parts that are", () => {
    const find = () => undefined;
    const a = { type: "string", examples: ["A"] };
    expect(statedExample({ examples: [1], type: "integer" }, find)).toEqual({ value: 1 });
    expect(statedExample({ properties: { a, b: { type: "string" } }, required: ["a"] }, find)).toEqual({
      value: { a: "A" },
    });
    expect(
      statedExample({ properties: { a, b: { type: "string" } }, required: ["b"] }, find),
    ).toBeUndefined();
    expect(statedExample({ type: "string" }, find)).toBeUndefined();
  });
});
