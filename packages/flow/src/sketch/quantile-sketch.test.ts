import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QuantileSketch } from "./quantile-sketch.ts";

const sketchOf = (values: readonly number[], options = {}): QuantileSketch => {
  const sketch = new QuantileSketch(options);
  for (const value of values) sketch.add(value);
  return sketch;
};

const trueQuantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
};

const magnitude = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
const value = fc.oneof(
  fc.constant(0),
  magnitude,
  magnitude.map((positive) => -positive),
);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("a quantile sketch", () => {
  it("is within its error of the number with that rank, on either side of zero", () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        share,
        fc.constantFrom(0.001, 0.01, 0.2),
        (values, q, relativeError) => {
          const wanted = trueQuantile(values, q);
          const got = sketchOf(values, { relativeError, maxBuckets: 100_000 }).quantile(q) ?? Number.NaN;
          expect(Math.abs(got - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * relativeError * (1 + 1e-9));
        },
      ),
    );
  });

  it("is the same whatever the order, and when sketches of parts are merged", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), fc.nat(200), share, (values, cut, q) => {
        const whole = sketchOf(values);
        const merged = sketchOf(values.slice(0, cut));
        merged.merge(sketchOf(values.slice(cut)));
        expect(merged.quantile(q)).toBe(whole.quantile(q));
        expect(sketchOf(values.toReversed()).quantile(q)).toBe(whole.quantile(q));
        expect(merged.count).toBe(values.length);
      }),
    );
  });

  it("keeps its error for the greater numbers when it has more buckets than it may", () => {
    const values = Array.from({ length: 20_000 }, (_unused, index) => 1.01 ** (index % 1_000));
    const sketch = sketchOf(values, { relativeError: 0.01, maxBuckets: 64 });
    for (const q of [0.96, 0.99, 0.999]) {
      const ratio = (sketch.quantile(q) ?? 0) / trueQuantile(values, q);
      expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(0.01);
    }
    // What was put together is told as the greatest of it: never less than it is.
    expect(sketch.quantile(0.1)).toBeGreaterThanOrEqual(trueQuantile(values, 0.1));
  });

  it("takes the greatest and the least numbers there are", () => {
    const values = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -Number.MIN_VALUE, 0, -0, 1];
    const sketch = sketchOf(values);
    expect([sketch.quantile(0), sketch.quantile(0.5), sketch.quantile(1)]).toEqual([
      -Number.MAX_VALUE,
      0,
      Number.MAX_VALUE,
    ]);
  });

  it("has nothing to say of nothing, and refuses what is no number or no share", () => {
    const sketch = new QuantileSketch();
    expect(sketch.quantile(0.5)).toBeUndefined();
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => sketch.add(odd)).toThrow(RangeError);
    for (const odd of [-0.1, 1.1, Number.NaN]) expect(() => sketch.quantile(odd)).toThrow(RangeError);
    for (const relativeError of [0, 1, Number.NaN]) {
      expect(() => new QuantileSketch({ relativeError })).toThrow(/relativeError must be a number above 0/);
    }
    expect(() => new QuantileSketch({ maxBuckets: 1 })).toThrow(/maxBuckets/);
    expect(() => sketch.merge(new QuantileSketch({ relativeError: 0.5 }))).toThrow(/same options/);
  });
});
