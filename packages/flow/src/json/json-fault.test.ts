import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jsonFault } from "./json-fault.ts";

it("says of a text that it is JSON exactly when JSON.parse takes it", () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const bent = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "\\", "1", "-", ".", "e", "{", "[", ":", " ", "\u0001", "t"),
    )
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + (at % 2));
    });
  fc.assert(
    fc.property(bent, (text) => {
      expect(jsonFault(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2_000 },
  );
});

it("points to the first character that cannot stand where it is", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["", 0],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ["[1 2]", 3],
    ['"\\x"', 2],
    ['"abc', 4],
    ["tru", 0],
    ["01", 1],
    ["[1]]", 3],
    ["[".repeat(1_000_000), 1_000_000],
  ];
  for (const [text, at] of cases)
    expect([text.slice(0, 20), jsonFault(text)]).toEqual([text.slice(0, 20), at]);
});
