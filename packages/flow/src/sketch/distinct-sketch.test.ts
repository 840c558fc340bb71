import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DistinctSketch } from "./distinct-sketch.ts";

const sketchOf = (texts: Iterable<string>): DistinctSketch => {
  const sketch = new DistinctSketch();
  for (const text of texts) sketch.add(text);
  return sketch;
};

function* names(from: number, to: number): Generator<string> {
  for (let number = from; number < to; number++) yield `customer ${number}`;
}

describe("a sketch of what is distinct", () => {
  it("is exact for up to 1,024 texts, however often they come", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), (texts) => {
        const sketch = sketchOf([...texts, ...texts]);
        expect([sketch.count, sketch.isExact]).toEqual([new Set(texts).size, true]);
      }),
    );
    const sketch = sketchOf(names(0, 1_024));
    expect([sketch.count, sketch.isExact]).toEqual([1_024, true]);
    sketch.add("one more");
    expect(sketch.isExact).toBe(false);
  });

  // Four standard errors: with 16 counts one in a thousand such tests would fail, were the texts others each time.
  it.each([1_025, 2_000, 5_000, 12_000, 20_000, 40_000, 60_000, 100_000, 300_000, 1_000_000])(
    "is within four standard errors of %i, and of that many short ones",
    (count) => {
      const most = 4 * DistinctSketch.standardError;
      expect(Math.abs(sketchOf(names(0, count)).count / count - 1)).toBeLessThan(most);
      const short = new DistinctSketch();
      for (let number = 0; number < count; number++) short.add(number.toString(36));
      expect(Math.abs(short.count / count - 1)).toBeLessThan(most);
    },
  );

  it("errs by what it says on average", () => {
    let squares = 0;
    const trials = 40;
    for (let trial = 0; trial < trials; trial++) {
      const sketch = new DistinctSketch();
      for (let number = 0; number < 20_000; number++) sketch.add(`${trial}/${number}`);
      squares += (sketch.count / 20_000 - 1) ** 2;
    }
    const error = Math.sqrt(squares / trials);
    expect(error).toBeGreaterThan(DistinctSketch.standardError / 2);
    expect(error).toBeLessThan(DistinctSketch.standardError * 1.5);
  });

  it("is the same when sketches of parts are merged, exact ones or not", () => {
    for (const [first, second] of [
      [500, 400],
      [900, 900],
      [5_000, 100],
      [100, 5_000],
      [30_000, 30_000],
    ] as const) {
      const merged = sketchOf(names(0, first));
      // A third of them are in both.
      const from = Math.floor(first / 3);
      merged.merge(sketchOf(names(from, from + second)));
      const whole = sketchOf(names(0, Math.max(first, from + second)));
      expect([merged.count, merged.isExact]).toEqual([whole.count, whole.isExact]);
    }
  });
});
