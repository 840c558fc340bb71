import { createLog, defineAgent, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { DeadLetter } from "./dead-letter.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineOperator, type OperatorOutput } from "./operator.ts";
import { toArray } from "./to-array.ts";

interface Click {
  readonly user: string;
  readonly minute: number;
}

interface Session {
  readonly user: string;
  readonly minutes: readonly number[];
}

/** What a user does without a pause of more than 30 minutes. */
const sessions = defineOperator<Click, Session>({
  name: "sessions",
  start: () => {
    const open = new Map<string, Click[]>();
    const sessionOf = (user: string, clicks: readonly Click[]): Session => ({
      user,
      minutes: clicks.map(({ minute }) => minute),
    });
    return {
      take: (click, { emit }) => {
        const clicks = open.get(click.user);
        const last = clicks?.at(-1);
        if (clicks === undefined || last === undefined) open.set(click.user, [click]);
        else if (click.minute - last.minute > 30) {
          emit(sessionOf(click.user, clicks), { from: clicks });
          open.set(click.user, [click]);
        } else clicks.push(click);
      },
      end: function* ({ emit }) {
        for (const [user, clicks] of open) {
          emit(sessionOf(user, clicks), { from: clicks });
          yield;
        }
      },
    };
  },
});

const clicksOf = (text: string): readonly Click[] =>
  text.split(" ").map((each) => ({ user: each[0] ?? "", minute: Number(each.slice(1)) }));

/** Sums of so many numbers that overlap by all but one. */
const slidingSums = (size: number) =>
  defineOperator<number, number>({
    name: "sliding",
    start: () => {
      const window: number[] = [];
      return {
        take: (number, { emit, drop }) => {
          window.push(number);
          if (window.length < size) return;
          emit(
            window.reduce((sum, each) => sum + each, 0),
            { from: window, keep: true },
          );
          drop(window.splice(0, 1));
        },
      };
    },
  });

describe("operator", () => {
  it("makes sessions, and ends clicks as their session does", async () => {
    const letters: DeadLetter[] = [];
    const got: Session[] = [];
    const summary = await flow(fromIterable(clicksOf("a0 b5 a20 a60 b10 c11 a61")))
      .operator(sessions)
      .filter(({ user }) => user !== "c")
      .map(
        (session) => {
          if (session.user === "b") throw new Error("not b");
          return session;
        },
        { onError: "dead-letter" },
      )
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([
      { user: "a", minutes: [0, 20] },
      { user: "a", minutes: [60, 61] },
    ]);
    expect(summary).toMatchObject({
      status: "partial",
      read: 7,
      delivered: 4,
      filtered: 1,
      deadLettered: 2,
      unfinished: 0,
    });
    expect(letters.map(({ record, stage, input }) => [record, stage, input])).toEqual([
      [2, "map", { user: "b", minute: 5 }],
      [5, "map", { user: "b", minute: 10 }],
    ]);
    expect(summary.stages[0]).toMatchObject({ id: "sessions", taken: 7, given: 4 });
  });

  it("counts a record once that is in several windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 12 }),
        async (numbers, size, limit) => {
          const got: number[] = [];
          const summary = await flow(fromIterable(numbers))
            .operator(slidingSums(size))
            .filter((sum) => sum >= limit)
            .to(toArray(got));
          const windows = numbers.slice(size - 1).map((_, index) => numbers.slice(index, index + size));
          const sums = windows.map((window) => window.reduce((sum, each) => sum + each, 0));
          expect(got).toEqual(sums.filter((sum) => sum >= limit));
          const isDelivered = numbers.map((_, place) =>
            sums.some((sum, first) => sum >= limit && first <= place && place < first + size),
          );
          expect(summary).toMatchObject({
            status: "success",
            delivered: isDelivered.filter(Boolean).length,
            filtered: isDelivered.filter((is) => !is).length,
            unfinished: 0,
          });
        },
      ),
    );
  });

  it("is from the record that was taken, and at the end from all that is held, unless it is said", async () => {
    const odd = defineOperator<number, string>({
      name: "odd",
      start: () => {
        let held = 0;
        return {
          take: (number, { emit, drop }) => {
            if (number > 10) drop();
            else if (number % 2 === 1) {
              emit(`${number}`);
              emit(`${number}!`);
            } else held++;
          },
          end: ({ emit }) => {
            emit(`${held} held`);
            emit("the end");
          },
        };
      },
    });
    const got: string[] = [];
    const kept = await flow(fromIterable([1, 2, 11, 4, 3]))
      .operator(odd)
      .to(toArray(got));
    expect(got).toEqual(["1", "1!", "3", "3!", "2 held", "the end"]);
    expect(kept).toMatchObject({ delivered: 4, filtered: 1, unfinished: 0 });
    expect(kept.stages[0]).toMatchObject({ taken: 5, given: 6, filtered: 1 });
    const failing = await flow(fromIterable([1, 2, 11, 4, 3]))
      .operator(odd)
      .filter((text) => text !== "3" && text !== "3!")
      .map(
        (text) => {
          if (text === "the end") throw new Error("no end");
          return text;
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]));
    // What is held has delivered one thing and failed with the other.
    expect(failing).toMatchObject({ delivered: 1, filtered: 2, deadLettered: 2, unfinished: 0 });
    const empty: string[] = [];
    const none = await flow(fromIterable<number>([])).operator(odd).to(toArray(empty));
    expect(empty).toEqual(["0 held", "the end"]);
    expect(none).toMatchObject({ status: "success", read: 0, delivered: 0, emitted: 2 });
  });

  it("holds records together where it only needs their sum", async () => {
    const sums = defineOperator<number, number>({
      name: "sums",
      together: true,
      start: () => {
        let sum = 0;
        let count = 0;
        return {
          take: (number, { emit, drop }) => {
            if (number < 0) {
              drop();
              return;
            }
            sum += number;
            count++;
            if (count < 3) return;
            emit(sum, { from: "all" });
            [sum, count] = [0, 0];
          },
          end: ({ emit }) => emit(sum),
        };
      },
    });
    const got: number[] = [];
    const summary = await flow(fromIterable([1, 2, -5, 3, 10, 20, 30, 100]))
      .operator(sums, { maxHeld: 1 })
      .filter((sum) => sum !== 60)
      .to(toArray(got));
    expect(got).toEqual([6, 100]);
    expect(summary).toMatchObject({ read: 8, delivered: 4, filtered: 4, unfinished: 0 });
    const split = await flow(fromIterable([[1, 2], [-1, 3], [], [4]]))
      .split((numbers) => numbers)
      .operator(sums)
      .map(
        (sum) => {
          if (sum === 6) throw new Error("six");
          return sum;
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]));
    expect(split).toMatchObject({ read: 4, delivered: 1, filtered: 1, deadLettered: 2, unfinished: 0 });
  });

  it("takes no more than there is room for, and pauses a generator", async () => {
    const clock = createVirtualClock();
    let given = 0;
    let done = 0;
    let furthest = 0;
    const many = defineOperator<number, number>({
      name: "many",
      start: () => ({
        take: function* (number, { emit }) {
          for (let part = 0; part < 10; part++) {
            given++;
            furthest = Math.max(furthest, given - done);
            emit(number * 10 + part, { keep: part < 9 });
            yield;
          }
        },
      }),
    });
    const slow = defineAgent({
      name: "slow",
      description: "Takes its time.",
      input: z.number(),
      output: z.number(),
      execute: async (number, ctx) => {
        await sleep(10, ctx);
        done++;
        return number;
      },
    });
    const got: number[] = [];
    const going = flow(fromIterable([0, 1, 2, 3]))
      .operator(many)
      .through(slow, { concurrency: 2 })
      .to(toArray(got), { run: { clock } });
    expect(await clock.until(going)).toMatchObject({ delivered: 4, emitted: 40 });
    expect(got).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(furthest).toBeLessThanOrEqual(6);
  });

  it("fails the record for which it throws, and at its end all that it holds", async () => {
    const picky = defineOperator<number, number>({
      name: "picky",
      start: () => ({
        take: function* (number, { emit }) {
          if (number === 1) throw new Error("one");
          if (number === 2) {
            emit(20, { keep: true });
            yield;
            throw new Error("two");
          }
        },
        end: ({ emit }) => {
          emit(99);
          throw new Error("the end");
        },
      }),
    });
    const got: number[] = [];
    const letters: DeadLetter[] = [];
    const summary = await flow(fromIterable([0, 1, 2, 3]))
      .operator(picky, { onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([20, 99]);
    expect(summary).toMatchObject({ delivered: 0, deadLettered: 4, unfinished: 0 });
    expect(letters.map(({ record, error }) => [record, error.message])).toEqual([
      [2, expect.stringContaining("one")],
      [3, expect.stringContaining("two")],
      [1, expect.stringContaining("the end")],
      [4, expect.stringContaining("the end")],
    ]);
    const dropping = await flow(fromIterable([0, 1, 2, 3]))
      .operator(picky, { onError: "drop" })
      .to(toArray(got));
    expect(dropping).toMatchObject({ delivered: 3, filtered: 1, unfinished: 0 });
    const stopping = await flow(fromIterable([0, 1, 2, 3]))
      .operator(picky)
      .to(toArray(got));
    expect(stopping).toMatchObject({ status: "failed", read: 2, unfinished: 2, error: { stage: "picky" } });
  });

  it("refuses what is not held, what comes too late, promises, and too much", async () => {
    const message = async (take: (number: number, output: OperatorOutput<number, number>) => void) => {
      const operator = defineOperator<number, number>({ name: "odd", start: () => ({ take }) });
      const summary = await flow(fromIterable([1, 2, 3]))
        .operator(operator, { maxHeld: 2 })
        .to(toArray<unknown>([]));
      expect(summary.read).toBe(summary.delivered + summary.filtered + summary.unfinished);
      return summary.error?.message;
    };
    expect(await message((_, { emit }) => emit(1, { from: [5] }))).toContain("is not held");
    expect(await message((number, { emit }) => emit(1, { from: [number, number] }))).toContain("not held");
    expect(await message((number, { emit }) => emit(1, { from: [number - 1, number] }))).toContain(
      "not held",
    );
    let late: OperatorOutput<number, number> | undefined;
    expect(
      await message((_, output) => {
        late ??= output;
      }),
    ).toContain("holds more than 2 records");
    expect(() => late?.emit(1)).toThrow("holds for the call");
    expect(() => late?.drop()).toThrow("holds for the call");
    const later = async () => {};
    expect(await message((): void => later() as never)).toContain("promise");
    const naming = defineOperator<number, number>({
      name: "naming",
      together: true,
      start: () => ({ take: (number, { emit }) => emit(1, { from: [number] }) }),
    });
    const named = await flow(fromIterable([1]))
      .operator(naming)
      .to(toArray<unknown>([]));
    expect(named.error?.message).toContain("cannot be named");
    const begun = flow(fromIterable([1]));
    for (const wrong of [
      () => begun.operator({} as never),
      () => begun.operator(naming, { maxHeld: 0 }),
      () => begun.operator(naming, { max: 0 } as never),
      () => defineOperator({ name: "", start: () => ({ take: () => {} }) }),
      () => defineOperator({ name: "a", start: 3 as never }),
      () => defineOperator({ name: "a", together: 1 as never, start: () => ({ take: () => {} }) }),
      () => defineOperator({ name: "a", needsAll: 1 as never, start: () => ({ take: () => {} }) }),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
    expect(begun.operator(naming).operator(naming, { id: "n" }).stages).toEqual([
      { id: "naming", kind: "operator", needsAll: true },
      { id: "n", kind: "operator", needsAll: true },
    ]);
  });

  it("begins once for each run, and is closed however that ends", async () => {
    const calls: string[] = [];
    const watched = (fails: "start" | "take" | "close" | "nothing") =>
      defineOperator<number, number>({
        name: "watched",
        needsAll: false,
        start: ({ stage, runId }) => {
          calls.push(`start ${stage} ${typeof runId}`);
          if (fails === "start") throw new Error("no start");
          return {
            take: function* (number, { emit }) {
              try {
                if (fails === "take" && number === 2) throw new Error("two");
                emit(number);
                yield;
              } finally {
                calls.push(`left ${number}`);
              }
            },
            close: async () => {
              await Promise.resolve();
              calls.push("close");
              if (fails === "close") throw new Error("no close");
            },
          };
        },
      });
    const statuses: string[] = [];
    for (const fails of ["nothing", "start", "take", "close"] as const) {
      const begun = flow(fromIterable([1, 2])).operator(watched(fails), { id: fails });
      const log = createLog({ level: "silent" });
      statuses.push((await begun.to(toArray<unknown>([]), { run: { log } })).status);
    }
    expect(statuses).toEqual(["success", "failed", "failed", "success"]);
    expect(calls).toEqual([
      ...["start nothing string", "left 1", "left 2", "close"],
      "start start string",
      ...["start take string", "left 1", "left 2", "close"],
      ...["start close string", "left 1", "left 2", "close"],
    ]);
    calls.length = 0;
    // Cancelled while it waits to go on.
    const clock = createVirtualClock();
    const stuck = defineAgent({
      name: "stuck",
      description: "Never answers.",
      input: z.number(),
      output: z.number(),
      execute: () => new Promise<number>(() => {}),
    });
    const run = flow(fromIterable([1, 2, 3, 4]))
      .operator(watched("nothing"))
      .through(stuck, { concurrency: 2 })
      .start(toArray<unknown>([]), { run: { clock } });
    await clock.advance(1_000);
    run.cancel();
    expect(await clock.until(run.summary)).toMatchObject({ status: "cancelled" });
    expect(calls).toEqual(["start watched string", "left 1", "left 2", "close"]);
  });
});
