import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberFrom, round } from "./numbers.ts";

/** By way of text alone, which moves the point as on paper. */
function roundedByText(value: number, digits: number): number {
  const moved = (number: number, by: number): number => {
    const [mantissa, exponent = "0"] = String(number).split("e");
    return Number(`${mantissa}e${Number(exponent) + by}`);
  };
  const size = Math.abs(value);
  if (Number.isInteger(size)) return value;
  const rounded = moved(Math.round(moved(size, digits)), -digits);
  return value < 0 ? 0 - rounded : rounded;
}

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .tuple(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.integer({ min: 0, max: 16 }))
    .map(([whole, places]) => whole / 10 ** places),
);
const digits = fc.integer({ min: 0, max: 15 });

describe("round", () => {
  it("rounds the digits that a number is written with", () => {
    fc.assert(
      fc.property(value, digits, (given, count) => {
        expect(round(given, count)).toBe(roundedByText(given, count));
      }),
      { numRuns: 3_000 },
    );
  });

  it("rounds products, which are seldom what they would be on paper, as they are written", () => {
    const product = fc
      .tuple(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([count, price, places]) => count * (price / 10 ** places));
    fc.assert(
      fc.property(product, fc.integer({ min: 0, max: 3 }), (given, count) => {
        expect(round(given, count)).toBe(roundedByText(given, count));
      }),
      { numRuns: 3_000 },
    );
  });

  it("rounds what is a half on paper up, and what is one bit below or above it to its side", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 6 }), fc.integer({ min: 1, max: 5 }), (whole, count) => {
        const half = Number(`${whole}.${"0".repeat(count)}5`);
        expect(round(half, count)).toBe(Number(`${whole}.${"1".padStart(count, "0")}`));
        for (const near of [half * (1 - Number.EPSILON / 2), half * (1 + Number.EPSILON)]) {
          expect(round(near, count)).toBe(roundedByText(near, count));
        }
      }),
    );
  });
});

describe("numberFrom", () => {
  const text = fc.oneof(
    fc.stringMatching(/^[+-]?\d{0,16}\.?\d{0,16}$/),
    fc.stringMatching(/^\s?\d{1,9}(\.\d{0,9})?([eE][+-]?\d{1,2})?\s?$/),
    fc.double().map(String),
    fc.string({ unit: fc.constantFrom("0", "1", "9", ".", "-", "+", "e", " "), maxLength: 20 }),
  );
  const number = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

  it("gives what JavaScript makes of a text that is a number, and 0 for -0", () => {
    fc.assert(
      fc.property(text, (given) => {
        const value = number.test(given) ? Number(given) : Number.NaN;
        expect(numberFrom(given)).toBe(Number.isFinite(value) ? value + 0 : undefined);
      }),
      { numRuns: 5_000 },
    );
  });
});
