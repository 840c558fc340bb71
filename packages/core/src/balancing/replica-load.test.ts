import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReplicaLoad } from "./replica-load.ts";

const load = () => new ReplicaLoad("r", Number.POSITIVE_INFINITY);

/** A call that fails at once, as soon as the replica has rested; gives how long it rests then. */
function failAgain(replica: ReplicaLoad): number {
  const nowMs = Math.max(0, replica.restingUntilMs);
  replica.fail(replica.begin(nowMs), 0, nowMs);
  return replica.restingUntilMs - nowMs;
}

describe("a replica that fails", () => {
  test("rests, twice as long after each failure in a row, up to 30 s", () => {
    const replica = load();
    const rests = Array.from({ length: 12 }, () => failAgain(replica));
    expect(rests).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000]);
    expect(replica).toMatchObject({ active: 0, calls: 12, failures: 12 });
    for (let count = 0; count < 2_000; count++) failAgain(replica);
    expect(failAgain(replica)).toBe(30_000);
  });

  test("begins anew after a success", () => {
    const replica = load();
    failAgain(replica);
    failAgain(replica);
    const nowMs = replica.restingUntilMs;
    replica.succeed(replica.begin(nowMs), 1, nowMs + 1);
    expect(replica.restingUntilMs).toBeLessThan(nowMs);
    expect(failAgain(replica)).toBe(100);
  });

  test("rests on while a call tries it", () => {
    const replica = load();
    failAgain(replica);
    failAgain(replica);
    const nowMs = replica.restingUntilMs;
    const trial = replica.begin(nowMs);
    expect(replica.restingUntilMs).toBe(nowMs + 200);
    replica.succeed(trial, 10, nowMs + 10);
    expect(replica.restingUntilMs).toBeLessThan(nowMs);
  });

  test("counts failures of calls that ran at the same time as one", () => {
    const replica = load();
    const streaks = [0, 1, 2, 3].map((nowMs) => replica.begin(nowMs));
    for (const streak of streaks) replica.fail(streak, 10, 10);
    expect(replica.restingUntilMs).toBe(110);
    expect(replica).toMatchObject({ active: 0, failures: 4 });
  });

  test("is not well because of a call that began before it failed", () => {
    const replica = load();
    const slow = replica.begin(0);
    replica.fail(replica.begin(0), 5, 5);
    replica.succeed(slow, 50, 50);
    expect(replica.restingUntilMs).toBe(105);
  });

  test("rests no longer and no shorter for calls that say nothing of it", () => {
    const replica = load();
    failAgain(replica);
    replica.begin(500);
    const restingUntilMs = replica.restingUntilMs;
    replica.leave();
    expect(replica).toMatchObject({ restingUntilMs, active: 0, failures: 1, calls: 2 });
  });
});

describe("latency", () => {
  const succeed = (replica: ReplicaLoad, tookMs: number, nowMs: number) => {
    replica.succeed(replica.begin(nowMs - tookMs), tookMs, nowMs);
    return replica.latencyMs ?? Number.NaN;
  };

  test("is not known at first, rises at once and falls with time", () => {
    const replica = load();
    expect(replica.latencyMs).toBeUndefined();
    expect(succeed(replica, 10, 10)).toBe(10);
    expect(succeed(replica, 1_000, 1_010)).toBe(1_000);
    expect(succeed(replica, 10, 1_010)).toBe(1_000);
    // By 1 − 1/e in 30 s.
    expect(succeed(replica, 0, 31_010)).toBeCloseTo(1_000 / Math.E);
    expect(succeed(replica, 10, 1e9)).toBeCloseTo(10);
  });

  test("lies between the fastest and the slowest call, whatever the clock does", () => {
    const span = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(span, span), { minLength: 1 }), (calls) => {
        const replica = load();
        for (const [tookMs, nowMs] of calls) succeed(replica, tookMs, nowMs);
        const spans = calls.map(([tookMs]) => tookMs);
        expect(replica.latencyMs).toBeGreaterThanOrEqual(Math.min(...spans));
        expect(replica.latencyMs).toBeLessThanOrEqual(Math.max(...spans));
      }),
    );
  });

  test("is not lowered by failures, and raised by those that took long", () => {
    const replica = load();
    replica.fail(replica.begin(0), 0, 0);
    expect(replica.latencyMs).toBeUndefined();
    succeed(replica, 50, 50);
    replica.fail(replica.begin(50), 0, 100_000);
    expect(replica.latencyMs).toBe(50);
    replica.fail(replica.begin(100_000), 5_000, 105_000);
    expect(replica.latencyMs).toBe(5_000);
  });
});

test("moments of another clock are forgotten, counts are not", () => {
  const replica = load();
  replica.fail(replica.begin(1e9), 10, 1e9);
  replica.forgetMoments(5);
  expect(replica.restingUntilMs).toBeLessThan(5);
  expect(replica).toMatchObject({ measuredMs: 5, latencyMs: 10, failures: 1 });
});
