import fc from "fast-check";
import { expect, it } from "vitest";
import { faultText, jsonFault } from "./json-fault.ts";

function said(text: string): string | undefined {
  const fault = jsonFault(text);
  return fault && faultText(text, fault);
}

it.each([
  ["", "it ends at column 1, where a value was expected"],
  ["nope", "at column 1, where a value was expected"],
  ['{"a":1,}', "at column 8, where a name in double quotes was expected"],
  ["{'a':1}", 'at column 2, where a name in double quotes or "}" was expected'],
  ['{"a" 1}', 'at column 6, where ":" was expected'],
  ['{"a":1', 'it ends at column 7, where "," or "}" was expected'],
  ['{\n  "a": 1\n  "b": 2\n}', 'at line 3, column 3, where "," or "}" was expected'],
  ["[", 'it ends at column 2, where a value or "]" was expected'],
  ["[1,]", "at column 4, where a value was expected"],
  ["1 2", "at column 3, where the end was expected"],
  ['"a', "it ends at column 3, where a double quote that ends the string was expected"],
  ['"a\tb"', "at column 3, where an escape, such as \\n, and no control character was expected"],
  ['"\\x"', "at column 2, where an escape of JSON, such as \\n was expected"],
  ["\ufeff1", "at column 1, where a value was expected"],
])("finds where %j stops being JSON", (text, expected) => {
  expect(said(text)).toBe(expected);
});

it("finds a fault where the parser does, and nowhere else", () => {
  const pieces = fc.constantFrom(
    ...'{}[],:"\\ue1-+.0\n \t',
    "true",
    "nul",
    '"a"',
    "\\u00e9",
    "1e5",
    "\u0001",
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    fc.json(),
    fc
      .tuple(fc.json(), fc.nat(200), pieces)
      .map(([json, at, piece]) => json.slice(0, at) + piece + json.slice(at + 1)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(jsonFault(text) === undefined).toBe(isJson);
    }),
    { numRuns: 2_000 },
  );
});

it("needs no stack", () => {
  expect(said("[".repeat(1_000_000))).toContain("it ends at column 1000001");
});
