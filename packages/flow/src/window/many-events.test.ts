import { expect, it } from "vitest";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineSink } from "../sink.ts";
import type { WindowKinds } from "./window-options.ts";

const eventCount = 1_000_000;
const userCount = 20;
/** How far events are out of order at most. */
const disorderMs = 30_000;

interface Event {
  readonly at: number;
  readonly user: number;
  readonly value: number;
}

/** Ten a second, each up to half a minute early or late, and one in ten thousand an hour late. */
function* events(): Generator<Event> {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let index = 0; index < eventCount; index++) {
    const lateMs = random() < 0.000_1 ? 3_600_000 : random() * disorderMs;
    yield {
      at: Math.floor(index * 100 - lateMs),
      user: Math.floor(random() * userCount),
      value: Math.floor(random() * 1_000),
    };
  }
}

interface Result {
  readonly user: number;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly count: number;
  readonly sum: number;
}

const nameOf = ({ user, windowStart, windowEnd, count, sum }: Result): string =>
  `${user} ${windowStart} ${windowEnd} ${count} ${sum}`;

/** Of all events that are not late, by holding all of them. */
function expectedOf(kinds: WindowKinds): { readonly names: Set<string>; readonly late: number } {
  const byUser = Array.from({ length: userCount }, (): Event[] => []);
  let latestMs = Number.NEGATIVE_INFINITY;
  let late = 0;
  for (const event of events()) {
    const { at, user } = event;
    const endMs =
      kinds.session !== undefined
        ? at + kinds.session.gapMs
        : lastStart(at, kinds.sliding?.everyMs ?? kinds.tumbling?.sizeMs ?? 1) +
          (kinds.sliding ?? kinds.tumbling ?? { sizeMs: 0 }).sizeMs;
    // So late that no session is open that it could be part of.
    if (endMs <= latestMs - disorderMs) late++;
    else byUser[user]?.push(event);
    latestMs = Math.max(latestMs, at);
  }
  const names = new Set<string>();
  for (const [user, own] of byUser.entries()) {
    const sums = new Map<string, { startMs: number; endMs: number; count: number; sum: number }>();
    const add = (startMs: number, endMs: number, name: string, value: number): void => {
      const there = sums.get(name);
      if (there === undefined) sums.set(name, { startMs, endMs, count: 1, sum: value });
      else {
        there.endMs = endMs;
        there.count++;
        there.sum += value;
      }
    };
    own.sort((first, second) => first.at - second.at);
    let sessionMs = 0;
    let previousMs = Number.NEGATIVE_INFINITY;
    for (const { at, value } of own) {
      if (kinds.session !== undefined) {
        if (at - previousMs >= kinds.session.gapMs) sessionMs = at;
        previousMs = at;
        add(sessionMs, at + kinds.session.gapMs, String(sessionMs), value);
        continue;
      }
      const { sizeMs, everyMs } = kinds.sliding ?? {
        sizeMs: kinds.tumbling?.sizeMs ?? 1,
        everyMs: kinds.tumbling?.sizeMs ?? 1,
      };
      for (let startMs = lastStart(at, everyMs); startMs > at - sizeMs; startMs -= everyMs) {
        add(startMs, startMs + sizeMs, String(startMs), value);
      }
    }
    for (const { startMs, endMs, count, sum } of sums.values()) {
      const [windowStart, windowEnd] = [startMs, endMs].map((ms) => new Date(ms).toISOString());
      names.add(nameOf({ user, windowStart: windowStart ?? "", windowEnd: windowEnd ?? "", count, sum }));
    }
  }
  return { names, late };
}

const lastStart = (at: number, everyMs: number): number => Math.floor(at / everyMs) * everyMs;

it.each<readonly [name: string, kinds: WindowKinds, maxOpenWindows: number]>([
  // Of each user what is within half a minute, and the window that has just begun or not been closed.
  ["tumbling", { tumbling: { sizeMs: 60_000 } }, 2 * userCount],
  ["sliding", { sliding: { sizeMs: 60_000, everyMs: 20_000 } }, 6 * userCount],
  // Each of a user's sessions has a gap before it.
  ["session", { session: { gapMs: 5_000 } }, 7 * userCount],
])(
  "1,000,000 events out of order in %s windows: the right results, and no more open than may be",
  async (_name, kinds, maxOpenWindows) => {
    const { names, late } = expectedOf(kinds);
    let unexpected = 0;
    const sink = defineSink<Result>({
      name: "compared",
      open: () => ({
        write: (results) => {
          for (const result of results) if (!names.delete(nameOf(result))) unexpected++;
        },
      }),
    });
    const run = async (limit: number) =>
      flow(fromIterable<Event>(events()))
        .window({
          time: "at",
          ...kinds,
          by: ["user"],
          calculate: { count: { count: true }, sum: { sum: "value" } },
          outOfOrderMs: disorderMs,
          maxOpenWindows: limit,
        })
        .to(sink);
    const summary = await run(maxOpenWindows);
    expect(summary.error?.message).toBeUndefined();
    expect([names.size, unexpected]).toEqual([0, 0]);
    expect(summary).toMatchObject({
      read: eventCount,
      delivered: eventCount - late,
      deadLettered: late,
      unfinished: 0,
    });
    expect(late).toBeGreaterThan(50);
    // The limit is of what is open, and not of all there are.
    expect(summary.emitted).toBeGreaterThan(100 * maxOpenWindows);
    expect(await run(userCount)).toMatchObject({ status: "failed" });
  },
  60_000,
);
