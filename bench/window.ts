/**
 * What windows of time cost a record, beside a `Map` of `Map`s written by hand that does the same for tumbling ones: 1,000,000
 * records in memory, each up to half a minute out of order, in windows of a minute for each of 20 users. CPU time of
 * the whole process, each contender in processes of its own, in turns:
 *
 *     node bench/window.ts
 *
 * "cold" is the first run of a process, compiling included; "warm" the median of those after three. What both have
 * computed is compared. The code by hand closes windows by the same watermark; it checks no values, and keeps no books.
 */
import { flow, fromIterable, toArray, type WindowKinds } from "@atomic-agents/flow";
import { compareInProcesses } from "./compare-in-processes.ts";

const recordCount = 1_000_000;
const outOfOrderMs = 30_000;
const sizeMs = 60_000;

interface Event {
  readonly at: number;
  readonly user: number;
  readonly value: number;
}

function makeEvents(): readonly Event[] {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  return Array.from({ length: recordCount }, (_unused, index) => ({
    at: Math.floor(index * 100 - random() * outOfOrderMs),
    user: Math.floor(random() * 20),
    value: Math.round(random() * 3_000) / 100,
  }));
}

interface Figures {
  count: number;
  sum: number;
}

function byHand(events: readonly Event[]): readonly unknown[] {
  const got: unknown[] = [];
  const open = new Map<number, Map<number, Figures>>();
  let latestMs = Number.NEGATIVE_INFINITY;
  let nextEndMs = Number.POSITIVE_INFINITY;
  const close = (watermarkMs: number): void => {
    for (const startMs of [...open.keys()].toSorted((first, second) => first - second)) {
      if (startMs + sizeMs > watermarkMs) continue;
      const windowStart = new Date(startMs).toISOString();
      const windowEnd = new Date(startMs + sizeMs).toISOString();
      for (const [user, { count, sum }] of open.get(startMs) ?? [])
        got.push({ user, windowStart, windowEnd, count, sum });
      open.delete(startMs);
    }
    nextEndMs = Math.min(...open.keys()) + sizeMs;
  };
  for (const { at, user, value } of events) {
    const startMs = Math.floor(at / sizeMs) * sizeMs;
    if (startMs + sizeMs <= latestMs - outOfOrderMs) continue;
    let users = open.get(startMs);
    if (users === undefined) {
      users = new Map();
      open.set(startMs, users);
      nextEndMs = Math.min(nextEndMs, startMs + sizeMs);
    }
    const figures = users.get(user);
    if (figures === undefined) users.set(user, { count: 1, sum: value });
    else {
      figures.count++;
      figures.sum += value;
    }
    if (at > latestMs) {
      latestMs = at;
      if (nextEndMs <= at - outOfOrderMs) close(at - outOfOrderMs);
    }
  }
  close(Number.POSITIVE_INFINITY);
  return got;
}

async function inWindows(events: Iterable<Event>, kinds: WindowKinds): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  await flow(fromIterable(events))
    .window({
      time: "at",
      ...kinds,
      by: ["user"],
      calculate: { count: { count: true }, sum: { sum: "value" } },
      outOfOrderMs,
    })
    .to(toArray(got));
  return got;
}

/** Has the flow read one by one, as from a file. */
function* oneByOne(events: readonly Event[]): Generator<Event> {
  yield* events;
}

type Contender = (events: readonly Event[]) => readonly unknown[] | Promise<readonly unknown[]>;

const tumbling = { tumbling: { sizeMs } };
const contenders: Readonly<Record<string, Contender>> = {
  "tumbling: by hand, a map of maps": byHand,
  "tumbling: window": (events) => inWindows(events, tumbling),
  "tumbling: window, one by one": (events) => inWindows(oneByOne(events), tumbling),
  "sliding, of three: window": (events) => inWindows(events, { sliding: { sizeMs, everyMs: sizeMs / 3 } }),
  "session: window": (events) => inWindows(events, { session: { gapMs: 5_000 } }),
};

const pairs = [
  ["tumbling: window", "tumbling: by hand, a map of maps"],
  ["tumbling: window, one by one", "tumbling: by hand, a map of maps"],
] as const;

await compareInProcesses({ script: import.meta.filename, prepare: makeEvents, contenders, pairs });
