import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** Told every 200 ms, for so long, of so many a second. */
function tell(
  pace: Pace,
  from: { atMs: number; count: number },
  forMs: number,
  perSecond: number,
  whole = 0,
) {
  let { atMs, count } = from;
  for (const endMs = atMs + forMs; atMs < endMs; ) {
    atMs += 200;
    count += perSecond / 5;
    pace.note({ atMs, count, ratio: whole === 0 ? undefined : count / whole });
  }
  return { atMs, count };
}

it("tells an even pace from the first moment", () => {
  const pace = new Pace(1_000);
  expect(pace.perSecond).toBe(0);
  const stand = tell(pace, { atMs: 1_000, count: 0 }, 200, 50);
  expect(pace.perSecond).toBeCloseTo(50);
  tell(pace, stand, 60_000, 50);
  expect(pace.perSecond).toBeCloseTo(50);
});

it("follows a change within some seconds, and is not thrown by one moment", () => {
  const pace = new Pace(0);
  let stand = tell(pace, { atMs: 0, count: 0 }, 20_000, 100);
  stand = tell(pace, stand, 200, 1_000);
  expect(pace.perSecond).toBeLessThan(150);
  stand = tell(pace, stand, 20_000, 300);
  expect(pace.perSecond).toBeGreaterThan(290);
  expect(pace.perSecond).toBeLessThan(310);
});

it("tells the time left, once it has seen something and while it goes on", () => {
  const pace = new Pace(0);
  let stand = tell(pace, { atMs: 0, count: 0 }, 1_000, 100, 1_000);
  expect(pace.msLeft).toBeUndefined();
  stand = tell(pace, stand, 4_000, 100, 1_000);
  expect(pace.msLeft).toBeCloseTo(5_000);
  tell(pace, stand, 3_600_000, 0, 1_000);
  expect(pace.msLeft).toBeUndefined();
  const unsized = new Pace(0);
  tell(unsized, { atMs: 0, count: 0 }, 10_000, 100);
  expect(unsized.msLeft).toBeUndefined();
  expect(unsized.perSecond).toBeCloseTo(100);
});

it("takes no moment twice", () => {
  const pace = new Pace(0);
  pace.note({ atMs: 100, count: 10 });
  pace.note({ atMs: 100, count: 1_000_000 });
  expect(pace.perSecond).toBeCloseTo(100);
});
