import { createVirtualClock } from "@atomic-agents/testing";
import { expectOperatorConforms, operatorBehaviours } from "@atomic-agents/testing/flow";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineSource } from "../source.ts";
import { toArray } from "../to-array.ts";

const calculate = { count: { count: true } } as const;
const minute = 60_000;

interface Click {
  readonly at: string;
}

const at = (time: string): Click => ({ at: `2025-01-01T${time}Z` });
const shortOf = ({ windowStart, count }: { windowStart: string; count: number }): string =>
  `${windowStart.slice(11, 16)} ${count}`;

describe("window", () => {
  it("tells of a record that is too late its time, its window and the watermark", async () => {
    const letters: DeadLetter[] = [];
    const got: string[] = [];
    const clicks = ["10:00:30", "10:03:00", "10:00:59", "10:02:00", "10:00:00"].map(at);
    const tumbling = { sizeMs: minute };
    const summary = await flow(fromIterable(clicks))
      .window({ time: "at", tumbling, calculate, outOfOrderMs: 30_000, allowedLatenessMs: 60_000 })
      .map(shortOf)
      .to(toArray(got), {
        deadLetters: toArray(letters),
        run: { clock: createVirtualClock({ timestampMs: Date.parse("2025-01-01T10:00:00Z") }) },
      });
    // The watermark is 10:02:30; windows that ended up to 10:01:30 are closed.
    expect(got).toEqual(["10:00 1", "10:02 1", "10:03 1"]);
    expect(summary).toMatchObject({ status: "partial", read: 5, delivered: 3, deadLettered: 2 });
    expect(letters.map(({ record, stage, error }) => [record, stage, error.code])).toEqual([
      [3, "window", "EVENT_TIME"],
      [5, "window", "EVENT_TIME"],
    ]);
    const [{ error, input } = {} as DeadLetter] = letters;
    expect(error.message).toBe(
      "A record of 2025-01-01T10:00:59.000Z came too late: its window ended at 2025-01-01T10:01:00.000Z, 90000 ms before the watermark, of which 60000 ms are allowed",
    );
    expect(error.hint).toContain("can be sorted by time before");
    expect(error.details).toEqual({
      problem: "late",
      time: "2025-01-01T10:00:59.000Z",
      watermark: "2025-01-01T10:02:30.000Z",
      windowEnd: "2025-01-01T10:01:00.000Z",
    });
    expect(input).toEqual(at("10:00:59"));
  });

  it("does with late records what onLate says", async () => {
    const clicks = ["10:00:30", "10:03:00", "10:00:59"].map(at);
    const run = async (onLate: "drop" | "stop") =>
      flow(fromIterable(clicks))
        .window({ time: "at", tumbling: { sizeMs: minute }, calculate, onLate, maxAheadMs: 1e12 })
        .to(toArray<unknown>([]));
    expect(await run("drop")).toMatchObject({ status: "success", delivered: 2, filtered: 1 });
    expect(await run("stop")).toMatchObject({
      status: "failed",
      unfinished: 3,
      delivered: 0,
      error: { code: "EVENT_TIME" },
    });
  });

  it("has no letter done again, by itself or behind it", async () => {
    const letters: DeadLetter[] = [];
    const windows = flow(fromIterable(["10:00:30", "10:03:00", "10:00:59"].map(at))).window({
      time: "at",
      tumbling: { sizeMs: minute },
      calculate,
      maxAheadMs: 1e12,
    });
    await windows.to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    expect(letters).toHaveLength(1);
    expect(await windows.redrive(letters).to(toArray<unknown>([]))).toMatchObject({
      status: "failed",
      error: { code: "CONFIG", message: expect.stringContaining("window") },
    });
  });

  it("lets no record from the future make others late", async () => {
    const clock = createVirtualClock({ timestampMs: Date.parse("2025-01-01T10:00:00Z") });
    const letters: DeadLetter[] = [];
    const got: string[] = [];
    // One is a few seconds ahead, one a year.
    const clicks = [at("09:59:00"), { at: "2026-01-01T10:00:00Z" }, at("10:00:05"), at("09:58:30")];
    const summary = await flow(fromIterable(clicks))
      .window({
        time: "at",
        tumbling: { sizeMs: minute },
        calculate,
        outOfOrderMs: 2 * minute,
        maxAheadMs: 5_000,
      })
      .map(shortOf)
      .to(toArray(got), { deadLetters: toArray(letters), run: { clock } });
    expect(got).toEqual(["09:58 1", "09:59 1", "10:00 1"]);
    expect(summary).toMatchObject({ delivered: 3, deadLettered: 1 });
    expect(letters.map(({ record, error }) => [record, error.message, error.details])).toEqual([
      [
        2,
        "A record of 2026-01-01T10:00:00.000Z is from the future: 31536000000 ms ahead of the clock, and 5000 ms are allowed",
        { problem: "ahead", time: "2026-01-01T10:00:00.000Z" },
      ],
    ]);
  });

  it("fails records without a time, or with other values, as onError says", async () => {
    const records = [
      { at: 5, user: "a", n: 1 },
      { user: "a", n: 1 },
      { at: 5, user: ["a"], n: 1 },
      { at: 5, user: "a", n: Number.NaN },
      { at: "2025-01-01T10:00:00", user: "a", n: 1 },
      null,
    ] as unknown as { at: number; user: string; n: number }[];
    const letters: DeadLetter[] = [];
    const summary = await flow(fromIterable(records))
      .window({
        time: "at",
        session: { gapMs: 5 },
        by: ["user"],
        calculate: { sum: { sum: "n" } },
        onError: "dead-letter",
      })
      .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    expect(summary).toMatchObject({ status: "partial", delivered: 1, deadLettered: 5 });
    expect(letters.map(({ error }) => [error.code, error.message])).toEqual(
      [
        '"at" must be a time: milliseconds since 1970, or a text such as 2026-01-31T10:00:00Z; got undefined',
        '"user" must be a text, a number, true, false or null, got an array',
        '"n" must be a finite number, got NaN',
        '"at" is "2025-01-01T10:00:00", a time without a zone: timeZone has to say which',
        "a record must have keys, got null",
      ].map((message) => ["VALIDATION_INPUT", message]),
    );
    const stopped = await flow(fromIterable(records))
      .window({ time: "at", session: { gapMs: 5 }, calculate })
      .to(toArray<unknown>([]));
    expect(stopped).toMatchObject({ status: "failed", read: 2, unfinished: 2 });
  });

  it("has time go on with the clock while nothing comes", async () => {
    const clock = createVirtualClock({ timestampMs: Date.parse("2025-01-01T10:00:00Z") });
    const got: string[] = [];
    const arrivals: ((value: IteratorResult<Click>) => void)[] = [];
    const live = defineSource<Click>({
      name: "live",
      read: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () =>
            new Promise<IteratorResult<Click>>((resolve) => {
              arrivals.push(resolve);
            }),
        }),
      }),
    });
    const come = async (time: string): Promise<void> => {
      arrivals.shift()?.({ value: at(time), done: false });
      await clock.settle();
    };
    const run = flow(live)
      .window({
        time: "at",
        tumbling: { sizeMs: minute },
        calculate,
        outOfOrderMs: 5_000,
        allowedLatenessMs: 5_000,
        idleMs: 20_000,
      })
      .map(shortOf)
      .start(toArray(got), { run: { clock } });
    await clock.settle();
    await come("10:00:30");
    await clock.advance(15_000);
    await come("10:00:40");
    // The window ends ten seconds later than it would with records in order: 20 s and 10 s after the last one.
    await clock.advance(29_999);
    expect(got).toEqual([]);
    await clock.advance(1);
    expect(got).toEqual(["10:00 2"]);
    expect(clock.pendingTimers).toBe(0);
    // Late now, though no later record has come; the next window is open, and ends in the same way.
    await come("10:00:59");
    await come("10:01:01");
    await clock.advance(minute + 10_000 - 1_000 - 1);
    expect(got).toHaveLength(1);
    await clock.advance(1);
    expect(got).toEqual(["10:00 2", "10:01 1"]);
    // A record closes the windows before it at once.
    await come("10:05:00");
    await come("10:06:09");
    await clock.advance(0);
    expect(got).toHaveLength(2);
    await come("10:06:10");
    await clock.advance(0);
    expect(got).toEqual(["10:00 2", "10:01 1", "10:05 1"]);
    arrivals.shift()?.({ value: undefined, done: true });
    const summary = await clock.until(run.summary);
    expect(summary).toMatchObject({ status: "partial", read: 7, delivered: 6, deadLettered: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("closes windows after a silence, however far off the next one was in the silence before", async () => {
    const clock = createVirtualClock({ timestampMs: Date.parse("2025-01-01T10:00:00Z") });
    const got: string[] = [];
    const after = async (waitMs: number): Promise<void> =>
      new Promise((resolve) => {
        clock.setTimer(resolve, waitMs);
      });
    async function* live(): AsyncGenerator<Click> {
      yield at("08:00:00");
      // In this silence the window is found to have an hour to go.
      await after(2 * minute);
      yield at("08:59:58");
      await after(24 * 60 * minute);
    }
    const run = flow(fromIterable(live()))
      .window({ time: "at", tumbling: { sizeMs: 60 * minute }, calculate, idleMs: minute })
      .map(shortOf)
      .start(toArray(got), { run: { clock } });
    await clock.settle();
    await clock.advance(3 * minute - 1);
    expect(got).toEqual([]);
    await clock.advance(1);
    expect(got).toEqual(["08:00 2"]);
    run.cancel();
    await clock.until(run.summary);
    expect(clock.pendingTimers).toBe(1);
  });

  it("ends the flow when too much is open", async () => {
    const records = Array.from({ length: 30 }, (_, index) => ({ at: index * 10, user: index % 3 }));
    const run = async (maxOpenWindows: number, outOfOrderMs: number) =>
      flow(fromIterable(records))
        .window({
          time: "at",
          tumbling: { sizeMs: 10 },
          by: ["user"],
          calculate,
          outOfOrderMs,
          maxOpenWindows,
        })
        .to(toArray<unknown>([]));
    expect(await run(12, 95)).toMatchObject({ status: "success", delivered: 30 });
    expect(await run(11, 95)).toMatchObject({
      status: "failed",
      error: { code: "EXECUTION", message: 'Stage "window" has more than 11 windows open' },
    });
  });

  it("conforms", async () => {
    const records = [0, 3, 5, 12, 4, 30].map((time) => ({ at: time }));
    const waiting = { outOfOrderMs: 20 };
    const options = { time: "at", calculate, ...waiting } as const;
    const indexesOf =
      (sizeMs: number) =>
      ({ windowStart }: { windowStart: string }): readonly number[] => {
        const startMs = Date.parse(windowStart);
        return records.flatMap((record, index) =>
          record.at >= startMs && record.at < startMs + sizeMs ? [index] : [],
        );
      };
    for (const [kind, sizeMs] of [
      [{ tumbling: { sizeMs: 10 } }, 10],
      [{ sliding: { sizeMs: 10, everyMs: 4 } }, 10],
      [{ session: { gapMs: 10 } }, 22],
    ] as const) {
      const seen = await expectOperatorConforms((begun) => begun.window({ ...options, ...kind }), {
        records,
        madeOf: indexesOf(sizeMs),
      });
      expect(seen).toEqual(operatorBehaviours);
    }
  });

  it("says in its design what decides its results", () => {
    const begun = flow(fromIterable([{ at: 5, n: 1, user: "a" }]));
    const options = { time: "at", tumbling: { sizeMs: 10 }, calculate } as const;
    const { hash, stages } = begun.window(options);
    expect(stages).toEqual([{ id: "window", kind: "window", needsAll: true }]);
    expect(begun.window({ ...options, onLate: "drop", outOfOrderMs: 5, id: "window" }).hash).toBe(hash);
    for (const other of [
      { tumbling: { sizeMs: 11 } },
      { tumbling: { sizeMs: 10, offsetMs: 1 } },
      { tumbling: undefined, session: { gapMs: 10 } },
      { tumbling: undefined, sliding: { sizeMs: 10, everyMs: 5 } },
      { by: ["user"] },
      { timeZone: "UTC" },
      { calculate: { count: { sum: "n" } } },
    ] as const) {
      // Any of them is right; the compiler tries all of them at once.
      expect(begun.window({ ...options, ...other } as typeof options).hash).not.toBe(hash);
    }
  });

  it("refuses wrong options", () => {
    const begun = flow(fromIterable([{ at: 5, windowEnd: "x" }]));
    const options = { time: "at", tumbling: { sizeMs: 10 }, calculate } as const;
    for (const [wrong, message] of [
      [{ tumbling: undefined }, 'options must be with one of tumbling, sliding, session, got "none"'],
      [{ session: { gapMs: 1 } }, 'got "tumbling and session"'],
      [{ tumbling: { sizeMs: 0 } }, "tumbling.sizeMs must be a whole number of milliseconds from 1 to"],
      [{ tumbling: { sizeMs: 5, everyMs: 5 } }, "everyMs must be one of sizeMs, offsetMs"],
      [{ tumbling: { sizeMs: 5, offsetMs: 0.5 } }, "tumbling.offsetMs must be a whole number"],
      [{ tumbling: undefined, sliding: { sizeMs: 5 } }, "sliding.everyMs must be a whole number"],
      [
        { tumbling: undefined, sliding: { sizeMs: 5, everyMs: 6 } },
        "sliding.everyMs must be no more than sizeMs, 5, got 6",
      ],
      [
        { tumbling: undefined, sliding: { sizeMs: 1e6, everyMs: 1 } },
        "sliding.everyMs must be at least a 10000th of sizeMs",
      ],
      [{ tumbling: undefined, session: { gapMs: -1 } }, "session.gapMs must be"],
      [{ time: undefined }, "time must be a key or a function, got undefined"],
      [
        { timeZone: "Berlin" },
        'timeZone must be the name of a time zone such as Europe/Berlin, or an offset such as +01:00, got "Berlin"',
      ],
      [{ by: "at" }, "by must be an array of keys"],
      [{ by: ["windowEnd"] }, "by[0] must be another key than windowStart and windowEnd"],
      [
        { calculate: { windowStart: { count: true } } },
        "calculate.windowStart must be a name that is none of windowStart, windowEnd",
      ],
      [{ calculate: { count: { counts: true } } }, "calculate.count"],
      [{ outOfOrderMs: -1 }, "outOfOrderMs must be"],
      [{ allowedLatenessMs: Number.NaN }, "allowedLatenessMs must be"],
      [{ maxAheadMs: "1" }, "maxAheadMs must be"],
      [{ idleMs: 0 }, "idleMs must be"],
      [{ onLate: "pass" }, "onLate must be one of stop, drop, dead-letter"],
      [{ maxOpenWindows: 0 }, "maxOpenWindows must be"],
      [{ lateness: 5 }, "lateness must be one of time"],
    ] as const) {
      expect(() => begun.window({ ...options, ...wrong } as never)).toThrow(message);
    }
  });
});
