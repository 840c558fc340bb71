import { expect, it } from "vitest";
import { textPlace } from "./text-field.ts";

const text = { type: "string" };

it.each([
  ["a string", text, { kind: "whole" }],
  ["one field", { properties: { a: text }, required: ["a"] }, { kind: "field", name: "a" }],
  [
    "one field that must be there",
    { properties: { a: text, b: text }, required: ["b"] },
    { kind: "field", name: "b" },
  ],
  [
    "a field beside an enum",
    {
      properties: { a: text, b: { type: "string", enum: ["x"] }, c: { const: "y" } },
      required: ["a", "b", "c"],
    },
    { kind: "field", name: "a" },
  ],
  [
    "a field defined elsewhere",
    { properties: { a: { $ref: "#/$defs/Text" } }, required: ["a"], $defs: { Text: text } },
    { kind: "field", name: "a" },
  ],
  ["two fields", { properties: { a: text, b: text }, required: ["a", "b"] }, undefined],
  ["an optional field", { properties: { a: text } }, undefined],
  ["a number", { type: "number" }, undefined],
  ["anything", {}, undefined],
  ["no schema", undefined, undefined],
])("the place for text in %s", (_, schema, expected) => {
  expect(textPlace(schema)).toEqual(expected);
});
