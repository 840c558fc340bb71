import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { toArray } from "../to-array.ts";
import type { WindowKinds } from "./window-options.ts";

interface Event {
  readonly at: number;
  readonly user: string;
  readonly online: boolean | null;
  readonly value: number;
}

interface Waiting {
  readonly outOfOrderMs: number;
  readonly allowedLatenessMs: number;
}

/** A window of one group as the simplest program has it. */
interface Expected {
  readonly startMs: number;
  readonly endMs: number;
  /** The indexes of its events. */
  readonly members: readonly number[];
}

const calculate = {
  count: { count: true },
  sum: { sum: "value" },
  mean: { mean: "value" },
  least: { min: "value" },
  most: { max: "value" },
  values: { distinct: "value" },
} as const;

/** Looks at every window for every event, and keeps all events. */
function referenceOf(
  events: readonly Event[],
  kinds: WindowKinds,
  { outOfOrderMs, allowedLatenessMs }: Waiting,
): { readonly windows: readonly Expected[]; readonly late: readonly number[] } {
  const open: { startMs: number; endMs: number; key: string; members: number[] }[] = [];
  const late: number[] = [];
  let closedMs = Number.NEGATIVE_INFINITY;
  for (const [index, { at, user, online }] of events.entries()) {
    const key = JSON.stringify([user, online]);
    const place = (startMs: number, endMs: number): void => {
      const there = open.find((one) => one.startMs === startMs && one.endMs === endMs && one.key === key);
      if (there === undefined) open.push({ startMs, endMs, key, members: [index] });
      else there.members.push(index);
    };
    if (kinds.session !== undefined) {
      const endMs = at + kinds.session.gapMs;
      const touched = open.filter(
        (one) => one.key === key && one.endMs > closedMs && one.startMs < endMs && one.endMs > at,
      );
      if (touched.length === 0 && endMs <= closedMs) late.push(index);
      else {
        for (const one of touched) open.splice(open.indexOf(one), 1);
        open.push({
          startMs: Math.min(at, ...touched.map((one) => one.startMs)),
          endMs: Math.max(endMs, ...touched.map((one) => one.endMs)),
          key,
          members: [...touched.flatMap((one) => one.members), index].toSorted((a, b) => a - b),
        });
      }
    } else {
      const {
        sizeMs,
        everyMs,
        offsetMs = 0,
      } = kinds.sliding ?? {
        everyMs: kinds.tumbling?.sizeMs ?? 0,
        sizeMs: 0,
        ...kinds.tumbling,
      };
      let isPlaced = false;
      for (let number = -2_000; number < 2_000; number++) {
        const startMs = offsetMs + number * everyMs;
        if (at < startMs || at >= startMs + sizeMs || startMs + sizeMs <= closedMs) continue;
        place(startMs, startMs + sizeMs);
        isPlaced = true;
      }
      if (!isPlaced) late.push(index);
    }
    closedMs = Math.max(closedMs, at - outOfOrderMs - allowedLatenessMs);
  }
  const windows = open.toSorted(
    (one, other) => one.endMs - other.endMs || (one.members[0] ?? 0) - (other.members[0] ?? 0),
  );
  return { windows, late };
}

function recordOf({ startMs, endMs, members }: Expected, events: readonly Event[]): unknown {
  const first = events[members[0] ?? 0];
  const values = members.map((index) => events[index]?.value ?? Number.NaN);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    user: first?.user,
    online: first?.online,
    windowStart: new Date(startMs).toISOString(),
    windowEnd: new Date(endMs).toISOString(),
    count: values.length,
    sum,
    mean: sum / values.length,
    least: Math.min(...values),
    most: Math.max(...values),
    values: new Set(values).size,
  };
}

const drawnEvents = fc.array(
  fc.record({
    at: fc.integer({ min: -60, max: 300 }),
    user: fc.constantFrom("a", "b", "1:a"),
    online: fc.constantFrom(true, false, null),
    value: fc.integer({ min: -50, max: 50 }),
  }),
  { maxLength: 60, size: "max" },
);
const drawnKinds: fc.Arbitrary<WindowKinds> = fc.oneof(
  fc.record({
    tumbling: fc.record({
      sizeMs: fc.integer({ min: 1, max: 100 }),
      offsetMs: fc.integer({ min: -30, max: 200 }),
    }),
  }),
  fc
    .tuple(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: -9, max: 99 }),
    )
    .map(([one, other, offsetMs]) => ({
      sliding: { sizeMs: Math.max(one, other), everyMs: Math.min(one, other), offsetMs },
    })),
  fc.record({ session: fc.record({ gapMs: fc.integer({ min: 1, max: 60 }) }) }),
);
const drawnWaiting = fc.record({
  outOfOrderMs: fc.constantFrom(0, 0, 5, 60, 500),
  allowedLatenessMs: fc.constantFrom(0, 0, 7, 90),
});

describe("window", () => {
  it("computes what the simplest program does, for all kinds", async () => {
    await fc.assert(
      fc.asyncProperty(drawnEvents, drawnKinds, drawnWaiting, async (events, kinds, waiting) => {
        const got: unknown[] = [];
        const letters: DeadLetter[] = [];
        const summary = await flow(fromIterable<Event>(events))
          .window({ time: "at", ...kinds, ...waiting, by: ["user", "online"], calculate })
          .to(toArray(got), { deadLetters: toArray(letters) });
        const { windows, late } = referenceOf(events, kinds, waiting);
        expect(got).toEqual(windows.map((window) => recordOf(window, events)));
        expect(letters.map(({ record }) => record - 1)).toEqual(late);
        expect(letters.every(({ error }) => error.code === "EVENT_TIME")).toBe(true);
        expect(summary).toMatchObject({
          read: events.length,
          delivered: events.length - late.length,
          deadLettered: late.length,
          unfinished: 0,
          emitted: windows.length,
        });
      }),
      { numRuns: 400 },
    );
  });

  it("ends each record once, by the worst that became of its windows", async () => {
    await fc.assert(
      fc.asyncProperty(
        drawnEvents,
        drawnKinds,
        drawnWaiting,
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        async (events, kinds, waiting, isTeed, salt) => {
          const fateOf = (startMs: number, user: unknown): number =>
            Math.abs(startMs * 7 + String(user).length * 3 + salt) % 3;
          const teed: unknown[] = [];
          const begun = flow(fromIterable<Event>(events));
          const summary = await (isTeed ? begun.tee(toArray(teed)) : begun)
            // Some go in as one part of two, the other of which is left out.
            .split((event) => (event.value % 4 === 0 ? [event, { ...event, value: Number.NaN }] : [event]))
            .filter(({ value }) => !Number.isNaN(value))
            .window({ time: "at", ...kinds, ...waiting, by: ["user", "online"], calculate })
            .map(
              (window) => {
                if (fateOf(Date.parse(window.windowStart), window.user) === 2) throw new Error("as drawn");
                return window;
              },
              { onError: "dead-letter" },
            )
            .filter((window) => fateOf(Date.parse(window.windowStart), window.user) !== 0)
            .to(toArray<unknown>([]));
          const { windows, late } = referenceOf(events, kinds, waiting);
          const fates: number[] = events.map(() => (isTeed ? 1 : 0));
          for (const index of late) fates[index] = 2;
          for (const { startMs, members } of windows) {
            for (const index of members) {
              fates[index] = Math.max(fates[index] ?? 0, fateOf(startMs, events[index]?.user));
            }
          }
          const count = (fate: number): number => fates.filter((one) => one === fate).length;
          expect(summary).toMatchObject({
            read: events.length,
            filtered: count(0),
            delivered: count(1),
            deadLettered: count(2),
            unfinished: 0,
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("writes a letter for what becomes of a window, also where records belong to several", async () => {
    const letters: DeadLetter[] = [];
    const summary = await flow(fromIterable([{ at: 0 }, { at: 5 }, { at: 12 }]))
      .window({ time: "at", sliding: { sizeMs: 10, everyMs: 5 }, calculate: { count: { count: true } } })
      .map(
        (window) => {
          if (window.windowStart === "1970-01-01T00:00:00.000Z") throw new Error("no");
          return window;
        },
        { onError: "dead-letter" },
      )
      .to(toArray<unknown>([]), { deadLetters: toArray(letters) });
    expect(summary).toMatchObject({ read: 3, delivered: 1, deadLettered: 2, unfinished: 0, emitted: 3 });
    expect(letters.map(({ stage, input }) => [stage, input])).toEqual([
      ["map", { windowStart: "1970-01-01T00:00:00.000Z", windowEnd: "1970-01-01T00:00:00.010Z", count: 2 }],
    ]);
  });
});
