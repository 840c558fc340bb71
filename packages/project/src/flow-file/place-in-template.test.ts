import { describe, expect, it } from "vitest";
import { placeInTemplate } from "./place-in-template.ts";

const template = { text: "record.a", address: { lines: ["record.b", "record.c"], "post code": "record.d" } };

describe("placeInTemplate", () => {
  it.each([
    ["", []],
    ["text", ["text"]],
    ["text.more[3]", ["text"]],
    ["address.lines[1]", ["address", "lines", 1]],
    ["address.lines[2]", ["address", "lines"]],
    ['address["post code"]', ["address", "post code"]],
    ["address.street", ["address"]],
    ["constructor", []],
    ["[0].text", []],
  ])("goes to %s as far as there is a way", (part, way) => {
    expect(placeInTemplate(["stages", 2, "input"], template, part)).toEqual(["stages", 2, "input", ...way]);
  });

  it("stays where one expression makes it all", () => {
    expect(placeInTemplate(["input"], "record", "text")).toEqual(["input"]);
  });
});
