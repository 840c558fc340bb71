import type { JsonSchema } from "@atomic-agents/contracts";
import { toJsonSchema } from "@atomic-agents/contracts";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { findByPointer } from "../openapi/find-by-pointer.ts";
import { schemaRows } from "./schema-rows.ts";

function linesOf(schema: JsonSchema): readonly string[] {
  return schemaRows(schema, (reference) => findByPointer(schema, reference)).map(
    ({ depth, name, isRequired, type, notes, description }) =>
      [`${"  ".repeat(depth)}${name}${isRequired ? "*" : ""}: ${type}`, ...notes, description]
        .filter((part) => part !== undefined)
        .join("; "),
  );
}

describe("schemaRows", () => {
  it("has a line for each part, with what limits it", () => {
    const schema = z.object({
      name: z.string().min(1).max(9).describe("Who."),
      age: z.int().min(0).optional(),
      mail: z.email().nullable(),
      code: z.string().regex(/^a+$/).default("a"),
      tags: z.array(z.string()).length(2),
      lines: z.array(z.object({ price: z.number().gt(0) })).min(1),
      kind: z.enum(["a", "b"]),
      other: z.record(z.string(), z.object({ x: z.boolean() })),
    });
    expect(linesOf(toJsonSchema(schema, "input"))).toEqual([
      "name*: string; 1 to 9 characters; Who.",
      "age: integer; ≥ 0",
      "mail*: string | null",
      'code: string; matches ^a+$; default "a"',
      "tags*: array of string; 2 items",
      "lines*: array of object; at least 1 item",
      "  each item: object",
      "    price*: number; > 0",
      'kind*: "a" | "b"',
      "other*: object",
      "  any other key: object",
      "    x*: boolean",
    ]);
  });

  it("names a schema inside of itself, and does not go into it again", () => {
    const schema: JsonSchema = {
      $ref: "#/$defs/Tree",
      $defs: {
        Tree: {
          type: "object",
          properties: { left: { $ref: "#/$defs/Tree" }, right: { $ref: "#/$defs/Tree" } },
        },
      },
    };
    expect(linesOf(schema)).toEqual(["left: Tree (as above)", "right: Tree (as above)"]);
  });

  it("says of what is not an object what it is", () => {
    expect(linesOf({ type: "string", format: "date" })).toEqual(["value: string; date"]);
    expect(linesOf({})).toEqual(["value: anything"]);
    expect(linesOf({ not: {} })).toEqual(["value: nothing"]);
    expect(linesOf({ prefixItems: [{ type: "string" }, { const: 1 }], type: "array" })).toEqual([
      "value: tuple",
      "  [0]*: string",
      "  [1]*: 1",
    ]);
    expect(linesOf({ anyOf: [{ type: "object", properties: { a: true } }, { type: "null" }] })).toEqual([
      "value: one of 2",
      "  option 1: object",
      "    a: anything",
      "  option 2: null",
    ]);
  });

  it("leaves out what is too much, and says so", () => {
    const names = Array.from({ length: 1_000 }, (_, index) => [`key${index}`, { type: "string" }]);
    const rows = schemaRows({ type: "object", properties: Object.fromEntries(names) }, () => undefined);
    expect(rows.length).toBe(400);
    expect(rows.at(-1)).toMatchObject({ name: "…", type: "and more" });
  });
});
