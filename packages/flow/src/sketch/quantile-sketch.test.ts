import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QuantileSketch } from "./quantile-sketch.ts";

const sketchOf = (values: readonly number[], options = {}): QuantileSketch => {
  const sketch = new QuantileSketch({ maxExact: 0, ...options });
  for (const value of values) sketch.add(value);
  return sketch;
};

const trueQuantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const isEnough = (count: number): boolean => count >= share * sorted.length * (1 - 2 ** -51);
  return sorted.find((_value, index) => isEnough(index + 1)) ?? Number.NaN;
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

  it("is exact of as many as it keeps, and then an estimate of all", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), share, (values, q) => {
        const sketch = sketchOf(values, { maxExact: 20 });
        expect(sketch.isExact).toBe(values.length <= 20);
        const wanted = values.length <= 20 ? trueQuantile(values, q) : sketchOf(values).quantile(q);
        // A zero has no sign.
        expect((sketch.quantile(q) ?? Number.NaN) + 0).toBe((wanted ?? Number.NaN) + 0);
        sketch.add(values[0] ?? 0);
        const more = [...values, values[0] ?? 0];
        expect(sketch.isExact).toBe(more.length <= 20);
        if (sketch.isExact) expect((sketch.quantile(q) ?? Number.NaN) + 0).toBe(trueQuantile(more, q) + 0);
      }),
    );
    const kept = new QuantileSketch();
    for (let number = 1; number <= 1_024; number++) kept.add(number);
    expect([kept.quantile(0.5), kept.isExact]).toEqual([512, true]);
    kept.add(1_025);
    expect(kept.isExact).toBe(false);
  });

  it("is the number that SQL says, also where shares of counts are rounded", () => {
    const numbers = sketchOf(
      Array.from({ length: 100 }, (_unused, index) => index + 1),
      { maxExact: 100 },
    );
    for (let percent = 1; percent <= 100; percent++) expect(numbers.quantile(percent / 100)).toBe(percent);
    expect([numbers.quantile(0), numbers.quantile(0.001), numbers.quantile(0.071)]).toEqual([1, 1, 8]);
  });

  it("is the same whatever the order, and when sketches of parts are merged", () => {
    const maxExact = fc.constantFrom(0, 20);
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.nat(60), share, maxExact, (values, cut, q, most) => {
        const options = { maxExact: most };
        const whole = sketchOf(values, options);
        const merged = sketchOf(values.slice(0, cut), options);
        merged.merge(sketchOf(values.slice(cut), options));
        expect(merged.quantile(q)).toBe(whole.quantile(q));
        expect(merged.isExact).toBe(whole.isExact);
        expect(sketchOf(values.toReversed(), options).quantile(q)).toBe(whole.quantile(q));
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

  it("is within its error up to the greatest and down to the least numbers there are", () => {
    for (const unit of [Number.MAX_VALUE / 5_000, 2 ** -1022]) {
      const sketch = new QuantileSketch();
      for (let number = 1; number <= 5_000; number++) sketch.add(number * unit);
      for (const share of [0.001, 0.25, 0.5, 0.75, 0.95, 0.999]) {
        const estimate = (sketch.quantile(share) ?? Number.NaN) / unit;
        expect(Math.abs(estimate - share * 5_000)).toBeLessThanOrEqual(share * 50 * 1.000_001);
      }
    }
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
    expect([sketch.quantile(0.5), sketch.isExact]).toEqual([undefined, true]);
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => sketch.add(odd)).toThrow(RangeError);
    for (const odd of [-0.1, 1.1, Number.NaN]) expect(() => sketch.quantile(odd)).toThrow(RangeError);
    for (const relativeError of [0, 1, Number.NaN]) {
      expect(() => new QuantileSketch({ relativeError })).toThrow(/relativeError must be a number above 0/);
    }
    expect(() => new QuantileSketch({ maxBuckets: 1 })).toThrow(/maxBuckets/);
    expect(() => new QuantileSketch({ maxExact: -1 })).toThrow(/maxExact/);
    expect(() => sketch.merge(new QuantileSketch({ relativeError: 0.5 }))).toThrow(/same options/);
  });
});
