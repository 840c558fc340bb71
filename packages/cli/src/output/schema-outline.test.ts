import { describe, expect, it } from "vitest";
import { schemaOutline } from "./schema-outline.ts";

describe("schemaOutline", () => {
  it("shows the fields with their types and limits", () => {
    const schema = {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", minLength: 1, description: "What it is called." },
        tags: { type: "array", items: { enum: ["a", "b"] }, default: [] },
        inner: { $ref: "#/$defs/Inner" },
      },
      $defs: {
        Inner: { type: "object", properties: { x: { anyOf: [{ type: "number" }, { type: "null" }] } } },
      },
    };
    expect(schemaOutline(schema)).toEqual([
      "name    string         at least 1 character; What it is called.",
      'tags?   ("a" | "b")[]  default []',
      "inner?  object",
      "  x?    number | null",
    ]);
  });

  it("shows what is no object on one line", () => {
    expect(schemaOutline({ type: "string", maxLength: 5 })).toEqual(["string  at most 5 characters"]);
    expect(schemaOutline({})).toEqual(["anything"]);
    expect(schemaOutline({ type: ["string", "null"] })).toEqual(["string | null"]);
  });

  it("shows each of several shapes, and what all of them share", () => {
    const shape = (kind: string) => ({
      type: "object",
      properties: { kind: { const: kind } },
      required: ["kind"],
    });
    expect(schemaOutline({ oneOf: [shape("a"), shape("b")] })).toEqual([
      "        object",
      "either",
      '  kind  "a"',
      "or",
      '  kind  "b"',
    ]);
    expect(schemaOutline({ allOf: [shape("a"), { properties: { more: { type: "integer" } } }] })).toEqual([
      'kind   "a"',
      "more?  integer",
    ]);
  });

  it("comes to an end with a schema that refers to itself", () => {
    const lines = schemaOutline({
      $ref: "#/$defs/Tree",
      $defs: {
        Tree: {
          type: "object",
          properties: { children: { type: "array", items: { $ref: "#/$defs/Tree" } } },
        },
        Loop: { $ref: "#/$defs/Loop" },
      },
    });
    expect(lines[0]).toBe("children?        object[]");
    expect(lines.at(-1)?.trim()).toBe("…");
  });
});
