import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { coercionOf } from "./coerce.ts";
import { validateRecords } from "./validate-records.ts";

const item = fromJsonSchema({
  type: "object",
  properties: {
    id: { type: "integer" },
    price: { type: ["number", "null"] },
    isNew: { type: "boolean" },
    code: { type: "string" },
    either: { type: ["string", "number"] },
    lines: { type: "array", items: { $ref: "#/$defs/Line" } },
  },
  required: ["id"],
  $defs: { Line: { type: "object", properties: { count: { type: "integer" } } } },
});

describe("coercing", () => {
  const coerce = coercionOf(item);

  it.each([
    [
      { id: " 7 ", price: "1.5" },
      { id: 7, price: 1.5 },
    ],
    [
      { id: 7, price: "" },
      { id: 7, price: null },
    ],
    [
      { isNew: "yes", code: 12, either: "7" },
      { isNew: true, code: "12", either: "7" },
    ],
    [
      { code: true, lines: [{ count: "3" }, { count: 4 }] },
      { code: "true", lines: [{ count: 3 }, { count: 4 }] },
    ],
    [{ id: "9007199254740993" }, { id: "9007199254740993" }],
    [
      { id: "1.5", isNew: "maybe" },
      { id: "1.5", isNew: "maybe" },
    ],
    [
      { code: null, id: [] },
      { code: null, id: [] },
    ],
    [{ code: Number.NaN }, { code: Number.NaN }],
  ])("makes of %j %j", (given, expected) => {
    expect(coerce(given)).toEqual(expected);
  });

  it("leaves what fits as it is, the same object", () => {
    const record = { id: 1, lines: [{ count: 2 }], other: "x" };
    expect(coerce(record)).toBe(record);
    const proto: unknown = JSON.parse('{"id":"1","__proto__":{"a":1}}');
    expect(JSON.stringify(coerce(proto))).toBe('{"id":1,"__proto__":{"a":1}}');
  });

  it("ends with what is deep or contains itself", () => {
    const Tree = fromJsonSchema({
      $defs: {
        Tree: { type: "object", properties: { in: { $ref: "#/$defs/Tree" }, n: { type: "integer" } } },
      },
      $ref: "#/$defs/Tree",
    });
    const self: Record<string, unknown> = { n: "1" };
    self["in"] = self;
    expect(coercionOf(Tree)(self)).toMatchObject({ n: 1 });
  });
});

describe("validateRecords", () => {
  it("is an agent that fails with the list of issues", async () => {
    const agent = validateRecords({ schema: item });
    expect(agent).toMatchObject({ name: "validate", capabilities: ["data-validation"] });
    const result = await agent.tryRun({ id: "x", price: [] });
    expect(result).toMatchObject({
      ok: false,
      error: { code: "VALIDATION_INPUT", details: { issues: [{ path: "id" }, { path: "price" }] } },
    });
  });

  it("takes schemas that answer late, and hands on what they make", async () => {
    const late = z.object({
      id: z
        .string()
        .refine((id) => Promise.resolve(id !== ""))
        .transform((id) => `#${id}`),
    });
    expect(await validateRecords({ schema: late }).run({ id: "7" })).toEqual({ id: "#7" });
    const report = validateRecords({ schema: late, report: true });
    expect(await report.run({ id: "7" })).toEqual({ id: "#7", issues: [] });
    expect(await report.run({ id: "" })).toMatchObject({ id: "", issues: [{ path: "id" }] });
    await expect(report.run("text")).rejects.toMatchObject({ code: "EXECUTION" });
  });

  it("refuses wrong options", () => {
    const make = (options: unknown) => () => validateRecords(options as never);
    expect(make({ schema: { type: "object" } })).toThrow(/schema must be a Standard Schema/);
    expect(make({ schema: item, mode: "lax" })).toThrow(/mode must be strict or coerce/);
    expect(make({ schema: item, report: "__proto__" })).toThrow(/report must be/);
    expect(make({ schema: item, rport: true })).toThrow(/rport must be one of schema/);
  });
});
