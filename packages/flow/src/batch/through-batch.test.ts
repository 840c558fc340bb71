import { defineAgent, mapItems, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expectOperatorConforms, operatorBehaviours } from "@atomic-agents/testing/flow";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { sumOfRuns } from "../sum-of-runs.ts";
import { toArray } from "../to-array.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** An agent over lists of numbers. */
const over = (
  execute: (numbers: readonly number[], call: number) => readonly unknown[] | Promise<readonly unknown[]>,
) => {
  let calls = 0;
  return defineAgent({
    name: "over",
    description: "Does something to numbers.",
    input: z.array(z.number()),
    output: z.array(z.number()),
    // What is wrong is wrong on purpose.
    execute: (numbers) => execute(numbers, ++calls) as number[],
  });
};

const Outcome = z.union([
  z.object({ ok: z.literal(true), output: z.number() }),
  z.object({ ok: z.literal(false), error: z.unknown() }),
]);

/** Doubles numbers, but for those that it refuses. */
const doubleSettled = (refuses: (number: number) => unknown) =>
  defineAgent({
    name: "double",
    description: "Doubles numbers.",
    input: z.array(z.number()),
    output: z.array(Outcome),
    execute: (numbers) =>
      numbers.map((number) => {
        const error = refuses(number);
        return error === undefined
          ? ({ ok: true, output: number * 2 } as const)
          : ({ ok: false, error } as const);
      }),
  });

describe("flow.throughBatch", () => {
  it("gives the agent lists, and lets what it gives go on one by one", async () => {
    const sizes: number[] = [];
    const double = over((numbers) => {
      sizes.push(numbers.length);
      return numbers.map((number) => number * 2);
    });
    const got: number[] = [];
    const summary = await flow(fromIterable(upTo(10)))
      .throughBatch(double, { size: 4 })
      .to(toArray(got));
    expect(got).toEqual(upTo(10).map((number) => number * 2));
    expect(sizes).toEqual([4, 4, 2]);
    expect(summary).toMatchObject({ status: "success", read: 10, delivered: 10, emitted: 10 });
    expect(summary.stages).toEqual([{ id: "over", taken: 10, given: 10, filtered: 0, deadLettered: 0 }]);
  });

  it("lets one bad record fail alone, with its own input and error", async () => {
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const double = doubleSettled((number) =>
      number === 42 ? { code: "too_odd", message: "not that one" } : undefined,
    );
    const summary = await flow(fromIterable(upTo(100)))
      .throughBatch(double, { size: 100, settled: true, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toHaveLength(99);
    expect(summary).toMatchObject({ status: "partial", read: 100, delivered: 99, deadLettered: 1 });
    expect(letters).toMatchObject([
      {
        record: 42,
        stage: "double",
        agent: "double",
        entry: { kind: "stage", id: "double" },
        input: 42,
        attempts: 1,
        error: {
          code: "EXECUTION",
          message: 'Agent "double" refused a record of a batch: not that one',
          stage: "double",
          disposition: "dead-letter",
        },
      },
    ]);
  });

  it("takes the errors of an agent that is run over items", async () => {
    const half = defineAgent({
      name: "half",
      description: "Halves even numbers.",
      input: z.number(),
      output: z.number(),
      execute: (number) => {
        if (number % 2 === 1) throw new Error(`${number} is odd`);
        return number / 2;
      },
    });
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    await flow(fromIterable(upTo(6)))
      .throughBatch(mapItems(half, { settled: true }), { size: 6, settled: true, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([1, 2, 3]);
    expect(letters.map(({ input, error }) => [input, error.code, error.message])).toEqual(
      [1, 3, 5].map((number) => [number, "EXECUTION", expect.stringContaining(`${number} is odd`)]),
    );
  });

  it("does with what failed as it is told", async () => {
    const run = async (onError: "drop" | "pass" | "stop") => {
      const got: number[] = [];
      const double = doubleSettled((number) => (number === 2 ? "two" : undefined));
      const summary = await flow(fromIterable(upTo(4)))
        .throughBatch(double, { size: 4, settled: true, onError })
        .to(toArray(got));
      return { got, summary };
    };
    const dropped = await run("drop");
    expect(dropped.got).toEqual([2, 6, 8]);
    expect(dropped.summary).toMatchObject({ status: "success", delivered: 3, filtered: 1 });
    const passed = await run("pass");
    expect(passed.got).toEqual([2, 2, 6, 8]);
    expect(passed.summary).toMatchObject({ status: "success", delivered: 4 });
    const stopped = await run("stop");
    expect(stopped.summary).toMatchObject({
      status: "failed",
      published: false,
      error: { message: 'Agent "double" refused a record of a batch: two' },
    });
  });

  it("fails a record of which nothing is said, and no other", async () => {
    const letters: DeadLetter[] = [];
    const got: unknown[] = [];
    const odd = defineAgent({
      name: "odd",
      description: "Says nothing of some.",
      input: z.array(z.number()),
      output: z.array(z.unknown()),
      execute: (numbers) => numbers.map((number) => (number === 2 ? number : { ok: true, output: number })),
    });
    await flow(fromIterable(upTo(3)))
      .throughBatch(odd as never, { size: 3, settled: true, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([1, 3]);
    expect(letters).toMatchObject([{ input: 2, error: { code: "VALIDATION_OUTPUT" } }]);
  });

  it("fails all of a batch whose agent throws or gives too few or too many", async () => {
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const agent = over((numbers, call) => {
      if (call === 1) throw new Error("down");
      if (call === 2) return numbers.slice(1);
      if (call === 3) return [...numbers, 0];
      return numbers;
    });
    const summary = await flow(fromIterable(upTo(8)))
      .throughBatch(agent, { size: 2, concurrency: 1, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([7, 8]);
    expect(summary).toMatchObject({ read: 8, delivered: 2, deadLettered: 6 });
    expect(letters.map(({ input, error, attempts }) => [input, error.code, attempts])).toEqual([
      [1, "EXECUTION", 1],
      [2, "EXECUTION", 1],
      [3, "VALIDATION_OUTPUT", 1],
      [4, "VALIDATION_OUTPUT", 1],
      [5, "VALIDATION_OUTPUT", 1],
      [6, "VALIDATION_OUTPUT", 1],
    ]);
    expect(letters[2]?.error.message).toBe('Agent "over" was given 2 records, and gave 1 results');
  });

  it("says when nothing is given for a batch", async () => {
    const agent = defineAgent({
      name: "silent",
      description: "Gives nothing.",
      input: z.array(z.number()),
      output: z.custom<readonly number[]>(() => true),
      execute: () => null as never,
    });
    const summary = await flow(fromIterable([1, 2]))
      .throughBatch(agent, { size: 2 })
      .to(toArray<unknown>([]));
    expect(summary.error?.message).toBe('Agent "silent" was given 2 records, and gave null');
  });

  it("tries a batch again before it fails", async () => {
    const clock = createVirtualClock();
    const got: number[] = [];
    const agent = over((numbers, call) => {
      if (call === 1) throw Object.assign(new Error("busy"), { retryable: true });
      return call === 2 ? [] : numbers;
    });
    const going = flow(fromIterable(upTo(3)))
      .throughBatch(agent, { size: 3, retry: { attempts: 3 } })
      .to(toArray(got), { run: { clock } });
    expect(await clock.until(going)).toMatchObject({ status: "success", delivered: 3 });
    expect(got).toEqual([1, 2, 3]);
  });

  it("gives up on a batch in time, and tells the agent", async () => {
    const clock = createVirtualClock();
    let isAborted = false;
    const agent = defineAgent({
      name: "slow",
      description: "Takes its time.",
      input: z.array(z.number()),
      output: z.array(z.number()),
      execute: async (numbers, ctx) => {
        ctx.signal.addEventListener("abort", () => (isAborted = true));
        await sleep(numbers[0] === 1 ? 1_000 : 1, ctx);
        return numbers;
      },
    });
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const going = flow(fromIterable(upTo(4)))
      .throughBatch(agent, { size: 2, timeoutMs: 50, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters), run: { clock } });
    await clock.until(going);
    expect(isAborted).toBe(true);
    expect(got).toEqual([3, 4]);
    expect(letters.map(({ input, error }) => [input, error.code])).toEqual([
      [1, "TIMEOUT"],
      [2, "TIMEOUT"],
    ]);
  });

  const backwards = defineAgent({
    name: "backwards",
    description: "Is done with later ones sooner.",
    input: z.array(z.number()),
    output: z.array(z.number()),
    execute: async (numbers, ctx) => {
      await sleep(100 - (numbers[0] ?? 0), ctx);
      return numbers;
    },
  });

  it.each([
    [true, [1, 2, 3, 4, 5, 6]],
    [false, [5, 6, 3, 4, 1, 2]],
  ])("keeps order or not: %s", async (ordered, expected) => {
    const clock = createVirtualClock();
    const got: number[] = [];
    const going = flow(fromIterable(upTo(6)))
      .throughBatch(backwards, { size: 2, ordered })
      .to(toArray(got), { run: { clock } });
    await clock.until(going);
    expect(got).toEqual(expected);
  });

  it("has no more at work than it may, and reads no further than it needs", async () => {
    const clock = createVirtualClock();
    let active = 0;
    let most = 0;
    let read = 0;
    const numbers = function* () {
      for (read = 1; read <= 100; read++) yield read;
    };
    const agent = defineAgent({
      name: "counted",
      description: "Counts how many are at work.",
      input: z.array(z.number()),
      output: z.array(z.number()),
      execute: async (batch, ctx) => {
        active++;
        most = Math.max(most, active);
        await sleep(10, ctx);
        active--;
        return batch;
      },
    });
    const run = flow(fromIterable({ [Symbol.iterator]: numbers }))
      .throughBatch(agent, { size: 5, concurrency: 2 })
      .start(toArray<number>([]), { run: { clock } });
    await clock.advance(5);
    // Two batches at work, and one that is ready.
    expect(read).toBe(15);
    expect(await clock.until(run.summary)).toMatchObject({ delivered: 100 });
    expect(most).toBe(2);
  });

  it("works on what has waited long enough, though there is not enough of it", async () => {
    const clock = createVirtualClock();
    const seen: (readonly number[])[] = [];
    const agent = over((numbers) => {
      seen.push([...numbers, clock.now()]);
      return numbers;
    });
    const slowly = async function* () {
      for (const number of [1, 2, 3]) {
        yield number;
        await sleep(80, { clock, signal: AbortSignal.any([]) });
      }
    };
    const going = flow(fromIterable(slowly()))
      .throughBatch(agent, { maxWaitMs: 100 })
      .to(toArray<number>([]), { run: { clock } });
    await clock.until(going);
    expect(seen).toEqual([
      [1, 2, 100],
      [3, 240],
    ]);
  });

  it("does single records of a batch again", async () => {
    let isMended = false;
    const double = doubleSettled((number) =>
      !isMended && number % 4 === 0 ? new Error("no fours") : undefined,
    );
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const doubled = flow(fromIterable(upTo(12))).throughBatch(double, {
      size: 5,
      settled: true,
      onError: "dead-letter",
    });
    const first = await doubled.to(toArray(got), { deadLetters: toArray(letters) });
    expect(letters.map(({ record }) => record)).toEqual([4, 8, 12]);
    isMended = true;
    const second = await doubled.redrive(letters).to(toArray(got));
    expect(second).toMatchObject({ status: "success", read: 3, delivered: 3 });
    expect(got.toSorted((a, b) => a - b)).toEqual(upTo(12).map((number) => number * 2));
    expect(sumOfRuns(first, second)).toMatchObject({ read: 12, delivered: 12, deadLettered: 0 });
  });

  it("makes what the agent is given, and what goes on, of each record", async () => {
    interface Ticket {
      readonly id: number;
      readonly text: string;
    }
    const lengths = defineAgent({
      name: "lengths",
      description: "Tells how long texts are.",
      input: z.array(z.string()),
      output: z.array(z.number()),
      execute: (texts) => texts.map((text) => text.length),
    });
    const tickets: readonly Ticket[] = ["one", "no", "three", "bad"].map((text, id) => ({ id, text }));
    const letters: DeadLetter[] = [];
    const got: unknown[] = [];
    const begun = flow(fromIterable(tickets));
    const mapping = {
      toInput: ({ text }: Ticket) => {
        if (text === "no") throw new Error("no input");
        return text;
      },
      toOutput: ({ id, text }: Ticket, length: number) => {
        if (text === "bad") throw new Error("no output");
        return { id, length };
      },
    };
    await begun
      .throughBatch(lengths, { size: 4, onError: "dead-letter" }, mapping)
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([
      { id: 0, length: 3 },
      { id: 2, length: 5 },
    ]);
    expect(letters.map(({ input, attempts }) => [input, attempts])).toEqual([
      [{ id: 1, text: "no" }, 0],
      [{ id: 3, text: "bad" }, 1],
    ]);
    const passed: unknown[] = [];
    await begun.throughBatch(lengths, { size: 4, onError: "pass" }, mapping).to(toArray(passed));
    expect(passed).toEqual([{ id: 0, length: 3 }, tickets[1], { id: 2, length: 5 }, tickets[3]]);
  });

  it("does what flows expect of an operator", async () => {
    const double = over((numbers) => numbers.map((number) => number * 2));
    for (const ordered of [true, false]) {
      const seen = await expectOperatorConforms(
        (numbers) => numbers.throughBatch(double, { size: 3, ordered }),
        {
          records: upTo(7),
          outputs: upTo(7).map((number) => number * 2),
          madeOf: (_, index) => [index],
        },
      );
      expect(seen).toHaveLength(operatorBehaviours.length);
    }
  });

  it("balances whatever fails, and whenever it is cancelled", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 0, max: 40 }),
          size: fc.integer({ min: 1, max: 7 }),
          concurrency: fc.integer({ min: 1, max: 3 }),
          ordered: fc.boolean(),
          refuses: fc.integer({ min: 2, max: 9 }),
          throws: fc.integer({ min: 2, max: 9 }),
          onError: fc.constantFrom("drop", "dead-letter", "pass"),
          maxWaitMs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
          cancelAtMs: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
        }),
        async ({ count, size, concurrency, ordered, refuses, throws, onError, maxWaitMs, cancelAtMs }) => {
          const clock = createVirtualClock();
          const settled = doubleSettled((number) => (number % refuses === 0 ? "refused" : undefined));
          const agent = defineAgent({
            name: "drawn",
            description: "Fails as drawn.",
            input: z.array(z.number()),
            output: z.array(Outcome),
            execute: async (numbers, ctx) => {
              await sleep((numbers[0] ?? 0) % 13, ctx);
              if (numbers.length > 1 && (numbers[0] ?? 0) % throws === 0) throw new Error("as drawn");
              return settled.run(numbers, ctx);
            },
          });
          const source = async function* () {
            for (const number of upTo(count)) {
              if (number % 5 === 0) await sleep(10, { clock, signal: AbortSignal.any([]) });
              yield number;
            }
          };
          const got: number[] = [];
          const letters: DeadLetter[] = [];
          const run = flow(fromIterable(source()))
            .throughBatch(agent, { size, maxWaitMs, concurrency, ordered, settled: true, onError })
            .start(toArray(got), { deadLetters: toArray(letters), run: { clock } });
          if (cancelAtMs !== undefined) {
            await clock.advance(cancelAtMs);
            run.cancel();
          }
          const { read, delivered, filtered, deadLettered, unfinished, status } = await clock.until(
            run.summary,
          );
          expect(read).toBe(delivered + filtered + deadLettered + unfinished);
          if (status === "cancelled") return;
          expect([read, unfinished]).toEqual([count, 0]);
          expect(got).toHaveLength(delivered);
          expect(letters.map(({ record, input }) => record === input)).toEqual(letters.map(() => true));
          expect(letters).toHaveLength(deadLettered);
          if (ordered && onError !== "pass") expect(got).toEqual(got.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("refuses wrong options", () => {
    const begun = flow(fromIterable([1]));
    const agent = over((numbers) => numbers);
    const wrong = [
      {},
      { size: 0 },
      { size: 1, settled: "yes" },
      { size: 1, concurrency: 0 },
      { size: 1, retries: 1 },
    ];
    for (const options of [
      ...wrong,
      { size: 1, ordered: 1 },
      { size: 1, timeoutMs: -1 },
      { size: 1, onError: "skip" },
    ]) {
      expect(() => begun.throughBatch(agent, options as never)).toThrow(
        expect.objectContaining({ code: "CONFIG" }),
      );
    }
    expect(() => begun.throughBatch("agent" as never, { size: 1 })).toThrow(/agent/);
    const stages = begun.throughBatch(agent, { size: 1, id: "own" }).stages;
    expect(stages).toEqual([{ id: "own", kind: "through", agent: "over", needsAll: false }]);
  });
});
