import * as fc from "fast-check";
import { expect, it } from "vitest";
import { characterCount, finder, placesOf, unitAt } from "./text-search.ts";

const runs = fc.readConfigureGlobal().numRuns ?? 100;

const few = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 200 });

it("finds what the engine finds, for short parts and long ones", () => {
  fc.assert(
    fc.property(
      few,
      fc.oneof(few, fc.string({ unit: fc.constantFrom("a", "b"), minLength: 33, maxLength: 40 })),
      fc.nat(50),
      (text, part, from) => {
        expect(finder(part)(text, from)).toBe(text.indexOf(part, from));
        const whole = text + part + text;
        expect(finder(part)(whole, from)).toBe(whole.indexOf(part, from));
      },
    ),
    { numRuns: runs * 5 },
  );
});

it("the places of a part are those at which splitting cuts", () => {
  fc.assert(
    fc.property(
      few,
      few.filter((part) => part !== ""),
      (text, part) => {
        const places = placesOf(text, part);
        const pieces = places.map((at, index) =>
          text.slice(index === 0 ? 0 : (places[index - 1] ?? 0) + part.length, at),
        );
        expect([...pieces, text.slice((places.at(-1) ?? -part.length) + part.length)]).toEqual(
          text.split(part),
        );
      },
    ),
  );
});

it("counts characters as iterating does", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "😀", "\ud83d", "\ude00", "é") }),
      fc.nat(10),
      (text, count) => {
        const characters = [...text];
        expect(characterCount(text)).toBe(characters.length);
        expect(unitAt(text, count)).toBe(characters.slice(0, count).join("").length);
      },
    ),
  );
});
