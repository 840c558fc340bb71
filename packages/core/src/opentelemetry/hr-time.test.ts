import fc from "fast-check";
import { expect, test } from "vitest";
import { hrTimeOf } from "./hr-time.ts";

test("seconds and nanoseconds make up the moment", () => {
  expect(hrTimeOf(0)).toEqual([0, 0]);
  expect(hrTimeOf(1_735_689_600_123.5)).toEqual([1_735_689_600, 123_500_000]);
  // Small ones are moments since 1970 too, and there were moments before.
  expect(hrTimeOf(12)).toEqual([0, 12_000_000]);
  expect(hrTimeOf(-1)).toEqual([-1, 999_000_000]);
  expect(hrTimeOf(999.9999999)).toEqual([1, 0]);
});

test("the order of moments is kept, and nothing is lost above a microsecond", () => {
  const moment = fc.double({ min: 0, max: 4_102_444_800_000, noNaN: true });
  const numberOf = ([seconds, nanoseconds]: readonly [number, number]) =>
    seconds * 1_000 + nanoseconds / 1_000_000;
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [seconds, nanoseconds] = hrTimeOf(a);
      expect(Number.isInteger(seconds) && Number.isInteger(nanoseconds)).toBe(true);
      expect(nanoseconds).toBeGreaterThanOrEqual(0);
      expect(nanoseconds).toBeLessThan(1_000_000_000);
      expect(Math.abs(numberOf([seconds, nanoseconds]) - a)).toBeLessThan(0.001);
      if (a <= b) expect(numberOf(hrTimeOf(a))).toBeLessThanOrEqual(numberOf(hrTimeOf(b)));
    }),
  );
});
