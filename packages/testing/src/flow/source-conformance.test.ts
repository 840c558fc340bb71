/** Sources that are wrong in one way each, to show that each behaviour can fail. */
import { AssertionError } from "node:assert";
import { defineSource, fromIterable, type SourceReader } from "@atomic-agents/flow";
import { expect, test } from "vitest";
import {
  expectSourceConforms,
  sourceBehaviours,
  type SourceCase,
  type SourceConformanceOptions,
} from "./source-conformance.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const ids = sourceBehaviours.map(({ id }) => id);

test("arrays and iterables conform", async () => {
  const ofArray = await expectSourceConforms((count) => {
    const records = numbers(count).map((number) => ({ number }));
    return { source: fromIterable(records), records };
  });
  expect(ofArray.map(({ id }) => id)).toEqual(
    ids.filter(
      (id) =>
        !["lets-go-at-end", "stops-waiting", "tells-failure", "tells-places"].includes(id) &&
        id !== "reads-no-further",
    ),
  );
  const ofStream = await expectSourceConforms(
    (count) => {
      let open = 0;
      let taken = 0;
      async function* stream() {
        open++;
        try {
          for (const number of numbers(count)) {
            taken++;
            yield number;
          }
        } finally {
          open--;
        }
      }
      const source = fromIterable(stream(), { name: "stream" });
      return { source, records: numbers(count), isOnce: true, open: () => open, taken: () => taken };
    },
    { maxAhead: 0 },
  );
  expect(ofStream.map(({ id }) => id)).toEqual([
    "gives-all",
    "gives-none",
    "lets-go-at-end",
    "lets-go-when-cancelled",
    "lets-go-when-failed",
    "reads-no-further",
  ]);
});

/** What a wrong source does otherwise. */
interface Fault {
  readonly numbers?: (count: number) => readonly number[];
  readonly neverCloses?: "at-end" | "early";
  readonly ahead?: number;
  readonly isDeaf?: boolean;
  readonly swallows?: boolean;
  readonly place?: (number: number) => { readonly line: number; readonly byteOffset: number };
  readonly bytesRead?: (given: number, count: number) => number;
  readonly shares?: "always" | "at-a-time";
}

/** A source over a service that answers later, may fail and may hang. */
function serviceCase(count: number, fault: Fault = {}): SourceCase {
  let open = 0;
  let taken = 0;
  let state: "up" | "down" | "stalled" = "up";
  let shared: Iterator<number> | undefined;
  const records = numbers(count);
  const gives = fault.numbers?.(count) ?? records;
  const ask = async (signal: AbortSignal): Promise<void> => {
    await Promise.resolve();
    if (state === "down" && fault.swallows !== true) throw new Error("the service is down");
    if (state !== "stalled") return;
    await new Promise<void>((_resolve, reject) => {
      if (fault.isDeaf !== true) signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  };
  const read = async function* ({ signal, cursor, setSize }: SourceReader) {
    setSize({ bytes: count * 10 });
    open++;
    let isEarly = true;
    try {
      const iterator =
        fault.shares === undefined || (fault.shares === "at-a-time" && open === 1)
          ? gives[Symbol.iterator]()
          : (shared ?? gives[Symbol.iterator]());
      shared = iterator;
      const ahead: number[] = [];
      let given = 0;
      for (;;) {
        if (given % 10 === 0) await ask(signal);
        while (ahead.length <= (fault.ahead ?? 0)) {
          const next = iterator.next();
          if (next.done === true) break;
          taken++;
          ahead.push(next.value);
        }
        const number = ahead.shift();
        if (number === undefined || (state === "down" && fault.swallows === true)) break;
        given++;
        const place = fault.place?.(number) ?? { line: number + 1, byteOffset: number * 10 };
        cursor.file = "service";
        cursor.line = place.line;
        cursor.byteOffset = place.byteOffset;
        cursor.bytesRead = fault.bytesRead?.(given, count) ?? given * 10;
        yield number;
      }
      isEarly = false;
    } finally {
      if (fault.neverCloses !== (isEarly ? "early" : "at-end")) open--;
      if (!isEarly) shared = undefined;
    }
  };
  return {
    source: defineSource<number>({ name: "service", read }),
    records,
    open: () => open,
    taken: () => taken,
    fail: () => {
      state = "down";
    },
    stall: () => {
      state = "stalled";
    },
  };
}

test("a source of one's own conforms in all of them", async () => {
  const seen = await expectSourceConforms((count) => serviceCase(count), { maxAhead: 0 });
  expect(seen).toEqual(sourceBehaviours);
});

const mutants: readonly (readonly [id: string, fault: string, Fault])[] = [
  ["gives-all", "loses the last of many", { numbers: (count) => numbers(count > 100 ? count - 1 : count) }],
  ["gives-all", "gives one twice", { numbers: (count) => [0, ...numbers(count)] }],
  ["gives-all", "changes their order", { numbers: (count) => numbers(count).toReversed() }],
  ["gives-none", "always gives one", { numbers: (count) => numbers(Math.max(1, count)) }],
  ["lets-go-at-end", "never closes", { neverCloses: "at-end" }],
  ["lets-go-when-cancelled", "closes only at its end", { neverCloses: "early" }],
  ["lets-go-when-failed", "closes only at its end", { neverCloses: "early" }],
  ["stops-waiting", "does not hear its signal", { isDeaf: true }],
  ["tells-failure", "ends where it should fail", { swallows: true }],
  ["reads-no-further", "reads ahead", { ahead: 1_000 }],
  [
    "tells-places",
    "counts lines down",
    { place: (number) => ({ line: 1_000 - number, byteOffset: number }) },
  ],
  ["tells-places", "says no offsets apart", { place: () => ({ line: 1, byteOffset: 0 }) }],
  ["tells-size", "says too early that all is read", { bytesRead: (_, count) => count * 10 }],
  ["tells-size", "does not say what it has read", { bytesRead: (given) => given }],
  ["again", "goes on where a flow before it stopped", { shares: "always" }],
  ["at-a-time", "has one place for all", { shares: "always" }],
];

test("every behaviour has a mutant", () => {
  expect([...new Set(mutants.map(([id]) => id))]).toEqual(ids);
});

test.each(mutants)("%s fails for a source that %s", async (id, _fault, fault) => {
  const failure = expectSourceConforms((count) => serviceCase(count, fault), {
    only: [id],
    patienceMs: 2_000,
  });
  await expect(failure).rejects.toThrow(AssertionError);
  await expect(failure).rejects.toThrow(`1 of 1 behaviours failed\n  ${id}: `);
});

test("what never ends fails in time, and cases are disposed of", async () => {
  let disposed = 0;
  const stuck = () => ({
    source: fromIterable<number>({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => {}) }),
    }),
    records: [1],
    dispose: async () => {
      await Promise.resolve();
      disposed++;
    },
  });
  const failure = expectSourceConforms(stuck, { only: ["gives-all"], patienceMs: 20 });
  await expect(failure).rejects.toThrow("looking at gives-all took longer than 20 ms");
  expect(disposed).toBe(1);
});

test.each([
  [null, {}, "createSource"],
  [serviceCase, { maxAhead: -1 }, "maxAhead"],
  [serviceCase, { patienceMs: -1 }, "patienceMs"],
  [serviceCase, { only: ["gives"] }, "only"],
  [serviceCase, { patience: 1 }, "patience"],
])("%o with %j is refused", async (create, options, path) => {
  await expect(
    expectSourceConforms(create as typeof serviceCase, options as SourceConformanceOptions),
  ).rejects.toMatchObject({ code: "CONFIG", details: { path } });
});
