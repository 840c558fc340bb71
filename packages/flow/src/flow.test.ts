import { type Clock, defineAgent, sleep, systemClock } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "./dead-letter.ts";
import { defineSink } from "./sink.ts";
import { defineSource } from "./source.ts";
import { type Flow, flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineOperator, type OperatorOutput } from "./operator.ts";
import { toArray } from "./to-array.ts";

const double = defineAgent({
  name: "double",
  description: "Doubles a number, later ones sooner; refuses 13.",
  input: z.number(),
  output: z.number(),
  execute: async (number, ctx) => {
    await sleep(100 - (number % 7) * 10, ctx);
    if (number === 13) throw new Error("unlucky");
    return number * 2;
  },
});

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A clock that goes on at each tick, in the midst of what calls it. */
function tickingClock(stepMs: number): { readonly clock: Clock; readonly tick: () => void } {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  const tick = (): void => {
    nowMs += stepMs;
    for (const [ring, dueMs] of [...timers]) if (dueMs <= nowMs && timers.delete(ring)) ring();
  };
  const clock: Clock = {
    ...systemClock,
    now: () => nowMs,
    setTimer: (ring, delayMs) => {
      timers.set(ring, nowMs + delayMs);
      return { cancel: () => void timers.delete(ring) };
    },
  };
  return { clock, tick };
}

describe("flow", () => {
  it("takes records through an agent in their order", async () => {
    const clock = createVirtualClock();
    const got: number[] = [];
    const going = flow(fromIterable(upTo(12)))
      .through(double, { concurrency: 5 })
      .to(toArray(got), { run: { clock } });
    const summary = await clock.until(going);
    expect(got).toEqual(upTo(12).map((number) => number * 2));
    expect(summary).toMatchObject({
      status: "success",
      published: true,
      read: 12,
      delivered: 12,
      unfinished: 0,
    });
    expect(summary.stages).toEqual([{ id: "double", taken: 12, given: 12, filtered: 0, deadLettered: 0 }]);
  });

  it("gives outputs as they come where order is of no interest", async () => {
    const clock = createVirtualClock();
    const got: number[] = [];
    const going = flow(fromIterable(upTo(6)))
      .through(double, { concurrency: 6, ordered: false })
      .to(toArray(got), { run: { clock } });
    await clock.until(going);
    expect(got).toEqual([12, 10, 8, 6, 4, 2]);
  });

  it("keeps the order where a function has the source answer while it is called", async () => {
    const values = [1, 2, 3];
    let waiting: ((result: IteratorResult<number>) => void) | undefined;
    let asked = 1;
    const answer = (): void => {
      const given = waiting;
      const value = values.shift();
      waiting = undefined;
      given?.(value === undefined ? { done: true, value } : { done: false, value });
    };
    const push = (): void => {
      if (waiting === undefined) asked++;
      else answer();
    };
    const pushed = {
      [Symbol.asyncIterator]: () => ({
        // Calls back while it is answered, as promises do not.
        next: () => ({
          then: (given: (result: IteratorResult<number>) => void) => {
            waiting = given;
            if (asked-- > 0) answer();
            else asked = 0;
          },
        }),
      }),
      // A promise of another make.
    } as unknown as AsyncIterable<number>;
    const firstIsLate = defineAgent({
      name: "first-is-late",
      description: "Takes its time for the first.",
      input: z.number(),
      output: z.number(),
      execute: (number) => (number === 1 ? Promise.resolve(number) : number),
    });
    const got: number[] = [];
    const summary = await flow(fromIterable(pushed))
      .through(firstIsLate)
      .map((number) => {
        push();
        return number;
      })
      .to(toArray(got));
    expect(summary).toMatchObject({ status: "success", read: 3, delivered: 3 });
    expect(got).toEqual([1, 2, 3]);
  });

  it("keeps the order where an agent has a timer of a batch ring while it works on a record", async () => {
    const { clock, tick } = tickingClock(10);
    const secondIsLate = defineAgent({
      name: "second-is-late",
      description: "Takes its time for the second.",
      input: z.number(),
      output: z.number(),
      execute: (number) => (number === 2 ? Promise.resolve(number) : number),
    });
    const ticking = defineAgent({
      name: "ticking",
      description: "Moves time on at the second.",
      input: z.number(),
      output: z.number(),
      execute: (number) => {
        if (number === 2) tick();
        return number;
      },
    });
    const got: (readonly number[])[] = [];
    const summary = await flow(fromIterable([1, 2, 3]))
      .through(secondIsLate, { concurrency: 1 })
      .through(ticking)
      .batch({ size: 10, maxWaitMs: 5 })
      .to(toArray(got), { run: { clock } });
    expect(summary).toMatchObject({ status: "success", delivered: 3 });
    expect(got).toEqual([[1], [2, 3]]);
  });

  it.each<[string, (records: Flow<number>, touch: (record: number) => void) => Flow<number>]>([
    ["a map", (records, touch) => records.map((record) => (touch(record), record))],
    ["a filter", (records, touch) => records.filter((record) => (touch(record), true))],
    ["a split", (records, touch) => records.split((record) => (touch(record), [record]))],
    [
      "an operator",
      (records, touch) => {
        const take = (record: number, { emit }: OperatorOutput<number, number>): void => {
          touch(record);
          emit(record);
        };
        return records.operator(
          defineOperator<number, number>({ name: "touching", start: () => ({ take }) }),
        );
      },
    ],
    [
      "the key of a deduplicate",
      (records, touch) => records.deduplicate({ by: [(record) => (touch(record), record)] }),
    ],
  ])("keeps the order, and every record, where %s has the time be up of others", async (_, put) => {
    const { clock, tick } = tickingClock(100);
    const neverButFirst = defineAgent({
      name: "never-but-first",
      description: "Is done with the first alone.",
      input: z.number(),
      output: z.number(),
      execute: (number) => (number === 1 ? Promise.resolve(number) : new Promise<number>(() => {})),
    });
    const got: number[] = [];
    const records = flow(fromIterable([1, 2, 3])).through(neverButFirst, { timeoutMs: 50, onError: "pass" });
    const touch = (record: number): void => {
      if (record === 1) tick();
    };
    const summary = await put(records, touch).to(toArray(got), { run: { clock } });
    expect(summary).toMatchObject({ status: "success", read: 3, delivered: 3 });
    expect(got).toEqual([1, 2, 3]);
  });

  it("never has more at work than it may, and reads no further than it needs", async () => {
    let active = 0;
    let most = 0;
    let taken = 0;
    let furthest = 0;
    const slow = defineAgent({
      name: "slow",
      description: "Takes its time.",
      input: z.number(),
      output: z.number(),
      execute: async (number, ctx) => {
        active++;
        most = Math.max(most, active);
        await sleep(10, ctx);
        active--;
        taken++;
        return number;
      },
    });
    function* numbers() {
      for (const number of upTo(100)) {
        furthest = Math.max(furthest, number - taken);
        yield number;
      }
    }
    const clock = createVirtualClock();
    const flowing = flow(fromIterable(numbers()))
      .through(slow, { concurrency: 4 })
      .to(toArray<unknown>([]), { run: { clock } });
    await clock.until(flowing);
    expect(most).toBe(4);
    expect(furthest).toBeLessThanOrEqual(9);
  });

  it("ends as failed at the first failure, publishes nothing, and counts what is left as unfinished", async () => {
    const clock = createVirtualClock();
    const calls: string[] = [];
    const sink = defineSink<number>({
      name: "watched",
      open: () => ({
        write: (records) => void calls.push(`write ${records.length}`),
        prepare: () => void calls.push("prepare"),
        publish: () => void calls.push("publish"),
        discard: () => void calls.push("discard"),
      }),
    });
    const going = flow(fromIterable(upTo(100)))
      .through(double, { concurrency: 2 })
      .to(sink, { run: { clock } });
    const summary = await clock.until(going);
    expect(summary).toMatchObject({ status: "failed", published: false, filtered: 0, deadLettered: 0 });
    expect(summary.error).toMatchObject({ code: "EXECUTION", stage: "double" });
    expect(summary.read).toBe(summary.delivered + summary.unfinished);
    expect(summary.unfinished).toBeGreaterThan(0);
    expect(calls.at(-1)).toBe("discard");
    expect(calls).not.toContain("publish");
  });

  it("drops, passes and keeps apart what fails, as it is told", async () => {
    for (const [onError, expected] of [
      ["drop", { status: "success", delivered: 19, filtered: 1, deadLettered: 0 }],
      ["pass", { status: "success", delivered: 20, filtered: 0, deadLettered: 0 }],
      ["dead-letter", { status: "partial", delivered: 19, filtered: 0, deadLettered: 1 }],
    ] as const) {
      const clock = createVirtualClock();
      const letters: DeadLetter[] = [];
      const got: number[] = [];
      const going = flow(fromIterable(upTo(20)))
        .through(double, { onError, retry: { attempts: 3 } })
        .to(toArray(got), { deadLetters: toArray(letters), run: { clock } });
      const summary = await clock.until(going);
      expect(summary).toMatchObject({ read: 20, unfinished: 0, ...expected });
      expect(letters.length).toBe(expected.deadLettered);
      expect(got.includes(13)).toBe(onError === "pass");
      if (onError === "dead-letter") {
        expect(letters[0]).toMatchObject({
          record: 13,
          stage: "double",
          agent: "double",
          input: 13,
          attempts: 3,
        });
        expect(summary.deadLetters).toEqual(letters);
      }
    }
  });

  it("follows records through splits and batches", async () => {
    const got: (readonly number[])[] = [];
    const summary = await flow(fromIterable([3, 0, 2, 1]))
      .split((count) => upTo(count))
      .batch(4)
      .to(toArray(got));
    expect(got).toEqual([
      [1, 2, 3, 1],
      [2, 1],
    ]);
    expect(summary).toMatchObject({ read: 4, delivered: 3, filtered: 1, emitted: 2, unfinished: 0 });
  });

  it("dead-letters the members of a failed batch, each as it was", async () => {
    const letters: DeadLetter[] = [];
    const summary = await flow(fromIterable([2, 3, 4]))
      .split((count) => upTo(count))
      .batch(3)
      .map(
        (batch) => {
          if (batch.includes(3)) throw new Error("a three");
          return batch;
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    // [1 2 | 1] [2 3 | 1] [2 3 4]: the first record's batch passes.
    expect(summary).toMatchObject({ read: 3, delivered: 1, deadLettered: 2, unfinished: 0 });
    expect(letters.map(({ record, input }) => [record, input])).toEqual([
      [2, 2],
      [2, 3],
      [3, 1],
      [3, 2],
      [3, 3],
      [3, 4],
    ]);
    expect(letters.every(({ stage, entry }) => stage === "map" && entry.id === "batch")).toBe(true);
  });

  it("counts as delivered what all sinks have", async () => {
    const all: number[] = [];
    const big: number[] = [];
    const summary = await flow(fromIterable(upTo(10)))
      .tee(toArray(all))
      .filter((number) => number > 7)
      .to(toArray(big));
    expect([all.length, big]).toEqual([10, [8, 9, 10]]);
    expect(summary).toMatchObject({ read: 10, delivered: 10, filtered: 0, emitted: 3 });
    expect(summary.sinks).toEqual([
      { name: "array", written: 10, published: true },
      { name: "array", written: 3, published: true },
    ]);
  });

  it("is cancelled by a signal, before it begins and at any time", async () => {
    for (const afterMs of [-1, 0, 150, 370]) {
      const clock = createVirtualClock();
      const controller = new AbortController();
      let closed = 0;
      async function* numbers() {
        try {
          for (const number of upTo(1_000)) yield number + 100;
        } finally {
          closed++;
        }
      }
      if (afterMs < 0) controller.abort("enough");
      const going = flow(fromIterable(numbers()))
        .through(double, { concurrency: 3 })
        .to(toArray<unknown>([]), { run: { clock, signal: controller.signal } });
      if (afterMs >= 0) {
        await clock.advance(afterMs);
        controller.abort("enough");
      }
      const summary = await clock.until(going);
      expect(summary).toMatchObject({ status: "cancelled", published: false, error: { code: "CANCELLED" } });
      expect(summary.read).toBe(summary.delivered + summary.unfinished);
      expect(closed).toBe(afterMs < 0 ? 0 : 1);
    }
  });

  it("tells of a source that fails half-way, and of a sink that fails", async () => {
    const failing = defineSource<number>({
      name: "broken",
      read: function* () {
        yield 1;
        throw new Error("gone");
      },
    });
    const half = await flow(failing).to(toArray<unknown>([]));
    expect(half).toMatchObject({
      status: "failed",
      read: 1,
      unfinished: 1,
      error: { message: 'Source "broken" threw after 1 record: gone', stage: "broken", agent: undefined },
    });
    for (const step of ["open", "write", "prepare", "publish"] as const) {
      const fails = async () => {
        throw new Error(`no ${step}`);
      };
      const none = () => {};
      const sink = defineSink<number>({
        name: "full",
        open: () =>
          step === "open" ? fails() : { write: none, prepare: none, publish: none, [step]: fails },
      });
      const summary = await flow(fromIterable([1, 2])).to(sink);
      expect(summary).toMatchObject({ status: "failed", published: false });
      // It is no agent, and is not called one.
      const after = step === "prepare" || step === "publish" ? " after 2 records" : "";
      expect(summary.error).toMatchObject({
        message: `Sink "full" threw${after}: no ${step}; nothing was published`,
        stage: "full",
        agent: undefined,
      });
      expect(summary.read).toBe(summary.delivered + summary.unfinished);
    }
  });

  it("gives up on a sink that never answers", async () => {
    const clock = createVirtualClock();
    const stuck = defineSink<number>({ name: "stuck", open: () => ({ write: () => new Promise(() => {}) }) });
    const summary = await clock.until(flow(fromIterable([1])).to(stuck, { run: { clock } }));
    expect(summary).toMatchObject({
      status: "failed",
      unfinished: 1,
      error: { code: "TIMEOUT", stage: "stuck" },
    });
  });

  it("refuses what the schema of the source does not take", async () => {
    const got: unknown[] = [];
    const source = fromIterable<unknown>([{ a: 1 }, { a: "x" }, 3], { schema: z.object({ a: z.number() }) });
    const summary = await flow(source).to(toArray(got));
    expect(got).toEqual([{ a: 1 }]);
    expect(summary).toMatchObject({ status: "partial", delivered: 1, deadLettered: 2 });
    expect(summary.deadLetters.map(({ record, input }) => [record, input])).toEqual([
      [2, { a: "x" }],
      [3, 3],
    ]);
  });

  it("ends well without records", async () => {
    expect(await flow(fromIterable<number>([])).batch(3).to(toArray<unknown>([]))).toMatchObject({
      status: "success",
      read: 0,
      published: true,
    });
  });

  it("lets the event loop turn while it flows", async () => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const seen = new Set<boolean>();
    await flow(fromIterable(upTo(20_000)))
      .map((number) => {
        seen.add(turned);
        return number;
      })
      .to(toArray<unknown>([]));
    expect([...seen]).toEqual([false, true]);
  });

  it("shows how far it has come", async () => {
    const clock = createVirtualClock();
    const run = flow(fromIterable(upTo(10)))
      .through(double, { concurrency: 1 })
      .start(toArray<unknown>([]), { run: { clock } });
    expect([run.status, run.progress().read]).toEqual(["pending", 0]);
    await clock.advance(250);
    const { status, read, ratio } = run.progress();
    expect(status).toBe("running");
    expect(ratio).toBe(read / 10);
    await clock.until(run.summary);
    expect(run.progress()).toMatchObject({ status: "success", ratio: 1 });
    run.cancel();
    expect(run.status).toBe("success");
  });

  it("reads no further than dead letters can be put away", async () => {
    const clock = createVirtualClock();
    let read = 0;
    let kept = 0;
    let furthest = 0;
    function* numbers() {
      for (const number of upTo(500)) {
        read = number;
        furthest = Math.max(furthest, read - kept);
        yield number;
      }
    }
    const slow = defineSink<DeadLetter>({
      name: "slow",
      maxRecords: 10,
      open: (ctx) => ({
        write: async (letters) => {
          await sleep(50, ctx);
          kept += letters.length;
        },
      }),
    });
    const going = flow(fromIterable(numbers(), { schema: z.string() })).to(toArray<unknown>([]), {
      deadLetters: slow,
      run: { clock },
    });
    expect(await clock.until(going)).toMatchObject({ status: "partial", read: 500, deadLettered: 500 });
    expect(furthest).toBeLessThanOrEqual(21);
  });

  it("refuses a function that gives a promise, and wrong options", async () => {
    const summary = await flow(fromIterable([1]))
      // @ts-expect-error what has to wait is an agent
      .map(async (number) => number)
      .to(toArray<unknown>([]));
    expect(summary).toMatchObject({ status: "failed", error: { stage: "map" } });
    const begun = flow(fromIterable([1]));
    const noAgent: unknown = {};
    for (const wrong of [
      () => flow({} as never),
      () => begun.batch(0),
      () => begun.through(double, { concurrency: 0 }),
      () => begun.through(double, { concurency: 2 } as never),
      () => begun.through(noAgent as typeof double),
      () => begun.filter(3 as never),
      () => begun.tee({} as never),
      () => begun.start({} as never),
      () => fromIterable(3 as never),
      () => toArray(3 as never),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
  });
});
