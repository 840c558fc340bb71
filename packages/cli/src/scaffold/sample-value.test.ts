import { toJsonSchema } from "@atomic-agents/contracts";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { sampleValue } from "./sample-value.ts";

const node = z.object({
  name: z.string(),
  get children() {
    return z.array(node).optional();
  },
});

describe("a sample", () => {
  it.each([
    [z.object({ text: z.string() }), { text: "some text" }],
    [z.object({ subject: z.string().min(20) }), { subject: "some subject........" }],
    [z.object({ code: z.string().max(3) }), { code: "som" }],
    [z.object({ value: z.number(), note: z.string().optional() }), { value: 1 }],
    [z.object({ note: z.string().optional() }), { note: "some note" }],
    [z.object({ value: z.int().min(10).max(12) }), { value: 10 }],
    [z.object({ value: z.number().positive().lt(5) }), { value: 1 }],
    [z.object({ value: z.int().negative() }), { value: -1 }],
    [z.object({ value: z.int().multipleOf(7) }), { value: 7 }],
    [z.object({ kind: z.enum(["bug", "question"]), ok: z.boolean() }), { kind: "bug", ok: true }],
    [z.object({ kind: z.literal("bug"), nothing: z.null() }), { kind: "bug", nothing: null }],
    [
      z.object({ lines: z.array(z.object({ sku: z.string() })).min(2) }),
      { lines: [{ sku: "some sku" }, { sku: "some sku" }] },
    ],
    [z.object({ pair: z.tuple([z.string(), z.int()]) }), { pair: ["some pair", 1] }],
    [
      z.object({ at: z.iso.datetime(), by: z.email() }),
      { at: "2024-05-17T09:30:00Z", by: "ann@example.org" },
    ],
    [z.object({ either: z.union([z.string(), z.number()]) }), { either: "some either" }],
    [z.intersection(z.object({ a: z.int() }), z.object({ b: z.int() })), { a: 1, b: 1 }],
    [z.object({ limit: z.int().default(5), text: z.string() }), { text: "some text" }],
    [z.object({ text: z.string().meta({ examples: ["It crashes"] }) }), { text: "It crashes" }],
    [z.string(), "some text"],
    [z.unknown(), {}],
    [node, { name: "some name" }],
  ])("of %# is as simple as can be, and taken", (schema, expected) => {
    const value = sampleValue(toJsonSchema(schema, "input"));
    expect(value).toEqual(expected);
    expect(schema.safeParse(value).success).toBe(true);
  });

  it("comes to an end for a schema that holds itself, or refers to nothing", () => {
    expect(sampleValue({ $ref: "#" })).toEqual({});
    expect(sampleValue({ $ref: "#/$defs/none" })).toEqual({});
    expect(JSON.stringify(sampleValue({ required: ["a"], properties: { a: { $ref: "#" } } }))).toMatch(
      /^(\{"a":)+null\}+$/,
    );
  });
});
