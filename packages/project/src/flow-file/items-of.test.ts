import { describe, expect, it } from "vitest";
import { itemsOf } from "./items-of.ts";

const text = { type: "string" };
const whole = { type: "integer" };

describe("itemsOf", () => {
  it.each([
    [{ type: "array", items: text }, text],
    [{ type: "array", prefixItems: [text, whole], items: false }, { anyOf: [text, whole] }],
    [
      {
        anyOf: [
          { type: "array", items: text },
          { type: "array", items: whole },
        ],
      },
      { anyOf: [text, whole] },
    ],
    [
      { $ref: "#/$defs/a~1b", $defs: { "a/b": { type: "array", items: { $ref: "#/$defs/t" } }, t: text } },
      {
        $ref: "#/$defs/t",
        $defs: { "a/b": { type: "array", items: { $ref: "#/$defs/t" } }, t: text },
      },
    ],
    [{ type: "array" }, undefined],
    [{ type: "array", items: true }, undefined],
    [{ type: "array", items: false }, undefined],
    [{ anyOf: [{ type: "array", items: text }, {}] }, undefined],
    [{ $ref: "#/$defs/loop", $defs: { loop: { $ref: "#/$defs/loop" } } }, undefined],
    [{ type: ["array", "null"], items: text }, undefined],
    [{}, undefined],
  ])("of %j", (document, items) => {
    expect(itemsOf(document)).toEqual(items);
  });
});
