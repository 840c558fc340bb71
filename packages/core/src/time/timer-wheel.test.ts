import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sleeper } from "./alarms.ts";
import type { Clock } from "./clock.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** A clock that fires its timers one by one, each as late as the event loop was blocked. */
function createBlockedClock(startMs: number) {
  let nowMs = startMs;
  const timers: { readonly dueMs: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    timestamp: () => nowMs,
    setTimer: (callback, delayMs) => {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.push(timer);
      return { cancel: () => void timers.splice(timers.indexOf(timer), 1) };
    },
  };
  return {
    clock,
    /** Fires the next timer, late by so much; false when there is none. */
    fire: (lateMs = 0): boolean => {
      const timer = timers.shift();
      if (timer === undefined) return false;
      nowMs = Math.max(nowMs, timer.dueMs) + lateMs;
      timer.callback();
      return true;
    },
    pass: (spanMs: number): void => {
      nowMs += spanMs;
    },
    get pending() {
      return timers.length;
    },
  };
}

function createSleeper(onWake: () => void): Sleeper {
  return { dueMs: 0, wheel: undefined, slot: 0, before: undefined, after: undefined, wake: onWake };
}

const tickMs = fc.constantFrom(4, 64);
const startMs = fc.double({ min: 0, max: 1e7, noNaN: true });
const delays = fc.array(fc.double({ min: 0, max: 50_000, noNaN: true }), { minLength: 1, maxLength: 20 });

test("nobody is woken early, nor more than two ticks late", () => {
  fc.assert(
    fc.property(tickMs, startMs, delays, fc.nat(500), (tick, start, spans, gapMs) => {
      const time = createBlockedClock(start);
      const wheel = new TimerWheel(time.clock, tick);
      const woken: number[] = [];
      for (const [index, span] of spans.entries()) {
        // Some are armed while the wheel turns already.
        if (index === spans.length >> 1) for (let ms = 0; ms < gapMs && time.fire(); ms += tick);
        const dueMs = time.clock.now() + span;
        const sleeper = createSleeper(() => {
          woken.push(index);
          expect(time.clock.now()).toBeGreaterThanOrEqual(dueMs);
          expect(time.clock.now()).toBeLessThanOrEqual(dueMs + 2 * tick);
        });
        wheel.insert(sleeper, dueMs, time.clock.now());
      }
      let turns = 0;
      while (time.fire()) turns++;
      expect(woken.toSorted((left, right) => left - right)).toEqual(spans.map((_span, index) => index));
      // The wheel has stopped of itself.
      expect(time.pending).toBe(0);
      expect(turns).toBeLessThan(60_000 / tick);
    }),
  );
});

test("after a block each one is given one more tick, and no more", () => {
  fc.assert(
    fc.property(
      tickMs,
      delays,
      fc.array(fc.nat(3_000), { minLength: 1, maxLength: 10 }),
      (tick, spans, blocksMs) => {
        const time = createBlockedClock(0);
        const wheel = new TimerWheel(time.clock, tick);
        /** How many turns of the wheel came at or after each one's moment. */
        const turnsAfter = new Map<Sleeper, number>();
        for (const span of spans) {
          const sleeper = createSleeper(() => turnsAfter.delete(sleeper));
          turnsAfter.set(sleeper, 0);
          wheel.insert(sleeper, span, 0);
        }
        for (let turn = 0; time.fire(blocksMs[turn % blocksMs.length]); turn++) {
          for (const [sleeper, turns] of turnsAfter) {
            if ((sleeper.dueMs ?? 0) > time.clock.now()) continue;
            expect(turns).toBe(0);
            turnsAfter.set(sleeper, turns + 1);
          }
        }
        expect(turnsAfter.size).toBe(0);
      },
    ),
  );
});

test("an event loop that is always late wakes everybody all the same", () => {
  const time = createBlockedClock(0);
  const wheel = new TimerWheel(time.clock, 4);
  let wokenMs: number | undefined;
  wheel.insert(
    createSleeper(() => {
      wokenMs = time.clock.now();
    }),
    50,
    0,
  );
  while (time.fire(13));
  expect(wokenMs).toBeGreaterThanOrEqual(50);
  expect(wokenMs).toBeLessThan(50 + 3 * (13 + 4));
});

test("who is removed is not woken, who is armed anew is woken at the new moment only", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          firstMs: fc.integer({ min: 0, max: 5_000 }),
          then: fc.constantFrom("wait", "remove", "later"),
          laterMs: fc.integer({ min: 0, max: 5_000 }),
        }),
        { minLength: 1, maxLength: 15 },
      ),
      fc.nat(20),
      (plans, turns) => {
        const time = createBlockedClock(0);
        const wheel = new TimerWheel(time.clock, 4);
        const woken = plans.map((): number[] => []);
        const sleepers = plans.map(({ firstMs }, index) => {
          const sleeper = createSleeper(() => void woken[index]?.push(sleeper.dueMs ?? 0));
          wheel.insert(sleeper, firstMs, 0);
          return sleeper;
        });
        for (let turn = 0; turn < turns; turn++) time.fire();
        const expected = plans.map(({ firstMs, then, laterMs }, index) => {
          const sleeper = sleepers[index];
          if (sleeper?.wheel === undefined || then === "wait") return [firstMs];
          wheel.remove(sleeper);
          if (then === "remove") return [];
          const dueMs = time.clock.now() + laterMs;
          wheel.insert(sleeper, dueMs, time.clock.now());
          return [dueMs];
        });
        while (time.fire());
        expect(woken).toEqual(expected);
      },
    ),
  );
});

test("the wheel stops when nobody is armed, and starts again when somebody is", () => {
  const time = createBlockedClock(0);
  const wheel = new TimerWheel(time.clock, 4);
  const woken: number[] = [];
  for (let round = 0; round < 3; round++) {
    const dueMs = time.clock.now() + 10;
    const stays = createSleeper(() => void woken.push(round));
    const leaves = createSleeper(() => void woken.push(-1));
    wheel.insert(stays, dueMs, time.clock.now());
    wheel.insert(leaves, dueMs, time.clock.now());
    wheel.remove(leaves);
    expect(time.pending).toBe(1);
    while (time.fire());
    expect(time.pending).toBe(0);
    time.pass(1_000_000);
  }
  expect(woken).toEqual([0, 1, 2]);
});

test("who is woken may arm or remove others, also those of the same moment", () => {
  const time = createBlockedClock(0);
  const wheel = new TimerWheel(time.clock, 4);
  const woken: string[] = [];
  const again = createSleeper(() => {
    woken.push("again");
    if (woken.length < 3) wheel.insert(again, time.clock.now() + 20, time.clock.now());
  });
  wheel.insert(again, 10, 0);
  const other = createSleeper(() => void woken.push("other"));
  wheel.insert(other, 500, 0);
  while (time.fire());
  expect(woken).toEqual(["again", "again", "again", "other"]);
});

test("one that is taken out by another one of its tick is not woken", () => {
  const time = createBlockedClock(0);
  const wheel = new TimerWheel(time.clock, 4);
  const woken: string[] = [];
  const second = createSleeper(() => void woken.push("second"));
  const first = createSleeper(() => {
    woken.push("first");
    if (second.wheel !== undefined) wheel.remove(second);
  });
  const both = createSleeper(() => {
    woken.push("both");
    if (first.wheel !== undefined) wheel.remove(first);
    if (second.wheel !== undefined) wheel.remove(second);
  });
  wheel.insert(second, 10, 0);
  wheel.insert(first, 10, 0);
  wheel.insert(both, 10, 0);
  while (time.fire());
  expect(woken).toEqual(["both"]);
  expect(time.pending).toBe(0);
});

test("who is taken in unasked says when to wake at the next tick, and is woken as others are", () => {
  const arriving = fc.record({
    // None for who says that nothing is to be waited for any more.
    spanMs: fc.option(fc.integer({ min: 1_000, max: 5_000 })),
    isUnasked: fc.boolean(),
    removedAfterMs: fc.option(fc.integer({ min: 0, max: 6_000 })),
    gapMs: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(arriving, { minLength: 1, maxLength: 15 }), startMs, (plans, start) => {
      const time = createBlockedClock(start);
      const wheel = new TimerWheel(time.clock, 64);
      const woken: number[] = [];
      const expected = new Set(plans.keys());
      const removals: { readonly index: number; readonly atMs: number; readonly sleeper: Sleeper }[] = [];
      const removeDue = (): void => {
        for (const removal of removals.splice(0)) {
          const { index, atMs, sleeper } = removal;
          if (atMs > time.clock.now()) removals.push(removal);
          else if (sleeper.wheel !== undefined) {
            wheel.remove(sleeper);
            expected.delete(index);
          }
        }
      };
      for (const [index, { spanMs, isUnasked, removedAfterMs, gapMs }] of plans.entries()) {
        time.pass(gapMs);
        const armedMs = time.clock.now();
        const waitMs = spanMs ?? 1_000;
        let dueMs = armedMs + waitMs;
        const sleeper: Sleeper = {
          ...createSleeper(() => {
            woken.push(index);
            expect(time.clock.now()).toBeGreaterThanOrEqual(dueMs);
            // Ticks come in time from the first on, which is the one that asks.
            if (isUnasked) expect(time.clock.now()).toBeLessThanOrEqual(dueMs + 2 * 64);
          }),
          dueFrom: (nowMs) => {
            expect(nowMs).toBeGreaterThanOrEqual(armedMs);
            dueMs = nowMs + (spanMs ?? Number.POSITIVE_INFINITY);
            return dueMs;
          },
        };
        if (isUnasked) wheel.insertUnasked(sleeper);
        else wheel.insert(sleeper, dueMs, armedMs);
        if (spanMs === null && isUnasked) expected.delete(index);
        if (removedAfterMs !== null) removals.push({ index, atMs: armedMs + removedAfterMs, sleeper });
        // Some are gone before a tick has seen them.
        if (removedAfterMs === 0) removeDue();
      }
      // A bound, so that one who is never let go fails the test and does not hang it.
      for (let tick = 0; tick < 1_000 && time.fire(); tick++) removeDue();
      expect(woken.toSorted((left, right) => left - right)).toEqual([...expected]);
      expect(time.pending).toBe(0);
    }),
  );
});
