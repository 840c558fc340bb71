import { AtomicError, type Clock, sleep } from "@atomic-agents/core";
import fc from "fast-check";
import { readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createVirtualClock } from "./virtual-clock.ts";

const config = expect.objectContaining({ code: "CONFIG" });

test("time stands still until it is moved", async () => {
  const clock = createVirtualClock({ startMs: 5, timestampMs: 1_000 });
  let fired = false;
  clock.setTimer(() => {
    fired = true;
  }, 0);
  await clock.settle();
  expect([clock.now(), clock.timestamp(), fired, clock.pendingTimers]).toEqual([5, 1_000, false, 1]);
  await clock.advance(0);
  expect([clock.now(), clock.timestamp(), fired, clock.pendingTimers]).toEqual([5, 1_000, true, 0]);
});

test("timers fire at their moment, earliest first, ties in the order they were set", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delayMs: fc.nat(20), cancel: fc.boolean() }), { maxLength: 30 }),
      fc.array(fc.nat(10), { maxLength: 8 }),
      async (plans, steps) => {
        const clock = createVirtualClock();
        const fired: (readonly [dueMs: number, index: number, nowMs: number])[] = [];
        const timers = plans.map(({ delayMs }, index) =>
          clock.setTimer(() => fired.push([delayMs, index, clock.now()]), delayMs),
        );
        for (const [index, plan] of plans.entries()) if (plan.cancel) timers[index]?.cancel();
        for (const ms of [...steps, 20]) await clock.advance(ms);
        const expected = plans
          .map(({ delayMs, cancel }, index) => ({ delayMs, cancel, index }))
          .filter((plan) => !plan.cancel)
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
          .map(({ delayMs, index }) => [delayMs, index, delayMs]);
        expect(fired).toEqual(expected);
        expect(clock.pendingTimers).toBe(0);
      },
    ),
  );
});

test("timers that are set on the way fire in the same move, each after all promises have settled", async () => {
  const clock = createVirtualClock();
  const seen: number[] = [];
  const work = async () => {
    for (let round = 0; round < 3; round++) {
      await sleep(10, { clock, signal: new AbortController().signal });
      // A chain much deeper than any agent's.
      for (let depth = 0; depth < 2_000; depth++) await Promise.resolve();
      seen.push(clock.now());
    }
  };
  const done = work();
  await clock.advance(35);
  expect(seen).toEqual([10, 20, 30]);
  expect(clock.now()).toBe(35);
  await done;
});

test("what was set before the move but by a promise that has not run yet counts from before the move", async () => {
  const clock = createVirtualClock();
  let firedAtMs: number | undefined;
  void Promise.resolve().then(() => clock.setTimer(() => (firedAtMs = clock.now()), 10));
  await clock.advance(100);
  expect(firedAtMs).toBe(10);
});

test("advanceToNext fires one timer and says whether there was one", async () => {
  const clock = createVirtualClock();
  const seen: string[] = [];
  clock.setTimer(() => seen.push("a"), 10);
  clock.setTimer(() => seen.push("b"), 10);
  expect(clock.nextTimerMs).toBe(10);
  expect(await clock.advanceToNext()).toBe(true);
  expect([seen, clock.now()]).toEqual([["a"], 10]);
  expect(await clock.advanceToNext()).toBe(true);
  expect(await clock.advanceToNext()).toBe(false);
  expect([seen, clock.now(), clock.nextTimerMs]).toEqual([["a", "b"], 10, undefined]);
});

describe("runAll", () => {
  test("fires until none is left", async () => {
    const clock = createVirtualClock();
    let left = 5;
    const again = () => {
      left--;
      if (left > 0) clock.setTimer(again, 1_000);
    };
    clock.setTimer(again, 1_000);
    await clock.runAll();
    expect([left, clock.now(), clock.pendingTimers]).toEqual([0, 5_000, 0]);
  });

  test.each([{ limitMs: 10_000 }, { maxTimers: 10 }])("stops at its limit %o", async (limits) => {
    const clock = createVirtualClock();
    let fired = 0;
    const again = () => {
      fired++;
      clock.setTimer(again, 1_000);
    };
    clock.setTimer(again, 1_000);
    await expect(clock.runAll(limits)).rejects.toEqual(config);
    expect([fired, clock.now()]).toEqual([10, 10_000]);
  });
});

describe("until", () => {
  test("gives the outcome of the promise and leaves later timers alone", async () => {
    const clock = createVirtualClock();
    clock.setTimer(() => {}, 500);
    const { signal } = new AbortController();
    expect(await clock.until(sleep(100, { clock, signal }).then(() => "done"))).toBe("done");
    expect([clock.now(), clock.pendingTimers]).toEqual([100, 1]);
    await expect(clock.until(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  test("says so when nothing can wake the promise", async () => {
    const clock = createVirtualClock();
    clock.setTimer(() => {}, 500);
    await expect(clock.until(new Promise(() => {}))).rejects.toThrow(/no timer at 500 ms/);
  });
});

describe("time stands still while", () => {
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  test.each([
    ["the event loop is asked for another turn", () => turns(50)],
    ["a file is read", () => readFile(import.meta.filename)],
    [
      "one follows the other",
      () =>
        turns(3)
          .then(() => readFile(import.meta.filename))
          .then(() => turns(3)),
    ],
  ])("%s", async (_what, work) => {
    const clock = createVirtualClock();
    const late = sleep(1, { clock, signal: new AbortController().signal }).then(() => "late");
    expect(await clock.until(Promise.race([work().then(() => "done"), late]))).toBe("done");
    expect(clock.now()).toBe(0);
    expect(await clock.until(late)).toBe("late");
  });

  test("clocks do not wait for one another's turns", async () => {
    const looks = vi.spyOn(process, "getActiveResourcesInfo");
    onTestFinished(() => looks.mockRestore());
    const { signal } = new AbortController();
    const waits = async (clock: Clock) => {
      for (let wait = 0; wait < 20; wait++) await sleep(1, { clock, signal });
    };
    const clocks = [createVirtualClock(), createVirtualClock(), createVirtualClock()];
    await Promise.all(clocks.map((clock) => clock.until(waits(clock))));
    expect(clocks.map((clock) => clock.now())).toEqual([20, 20, 20]);
    expect(looks.mock.calls.length).toBeLessThan(200);
  });

  test("what asks for turns for ever does not stop it", async () => {
    let isOver = false;
    const again = () => void (isOver || setImmediate(again));
    onTestFinished(() => {
      isOver = true;
    });
    again();
    const clock = createVirtualClock();
    expect(
      await clock.until(sleep(5, { clock, signal: new AbortController().signal }).then(() => "done")),
    ).toBe("done");
  });
});

test("the wall clock steps without timers or now() taking part", async () => {
  const clock = createVirtualClock({ timestampMs: 1_000_000 });
  let firedAtMs: number | undefined;
  clock.setTimer(() => (firedAtMs = clock.now()), 100);
  clock.setTimestamp(400_000);
  expect([clock.now(), clock.timestamp()]).toEqual([0, 400_000]);
  await clock.advance(100);
  expect([firedAtMs, clock.now(), clock.timestamp()]).toEqual([100, 100, 400_100]);
  expect(() => clock.setTimestamp(Number.NaN)).toThrow(AtomicError);
});

test("a callback that throws rejects the move; the clock can be used on", async () => {
  const clock = createVirtualClock();
  const seen: number[] = [];
  clock.setTimer(() => {
    throw new Error("callback broke");
  }, 10);
  clock.setTimer(() => seen.push(clock.now()), 20);
  await expect(clock.advance(50)).rejects.toThrow("callback broke");
  expect(clock.now()).toBe(10);
  await clock.advance(10);
  expect(seen).toEqual([20]);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, "5" as unknown as number])(
  "refuses to move by %s",
  async (ms) => {
    const clock = createVirtualClock();
    await expect(clock.advance(ms)).rejects.toEqual(config);
    expect(() => clock.setTimer(() => {}, ms)).toThrow(AtomicError);
    expect([clock.now(), clock.pendingTimers]).toEqual([0, 0]);
  },
);

test("refuses a move during a move, and a start that is no number", async () => {
  const clock = createVirtualClock();
  const first = clock.advance(10);
  await expect(clock.advance(10)).rejects.toEqual(config);
  await first;
  expect(clock.now()).toBe(10);
  expect(() => createVirtualClock({ startMs: Number.NaN })).toThrow(AtomicError);
  expect(() => createVirtualClock({ timestampMs: Number.POSITIVE_INFINITY })).toThrow(AtomicError);
  expect(() => createVirtualClock({ start: 5 } as object)).toThrow(AtomicError);
  await expect(clock.until(Promise.resolve(), { limit: 5 } as object)).rejects.toEqual(config);
});
