import { createLog } from "@atomic-agents/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import type { RecordPolicy } from "../nodes/node.ts";
import { toArray } from "../to-array.ts";

interface Drawn {
  readonly records: readonly number[];
  readonly size: number;
  /** What fails: every batch, part or pair of batches with a number that this divides. */
  readonly failing: number;
  readonly place: "batch" | "part" | "again" | "nowhere";
  readonly onError: RecordPolicy;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  records: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }),
  size: fc.integer({ min: 1, max: 9 }),
  failing: fc.integer({ min: 2, max: 40 }),
  place: fc.constantFrom("batch", "part", "again", "nowhere"),
  onError: fc.constantFrom("stop", "drop", "dead-letter"),
});

/** All that there is to see of a run. */
async function seen({ size, failing, place, onError }: Drawn, source: Iterable<number>): Promise<unknown> {
  const got: unknown[] = [];
  const warned: unknown[] = [];
  const letters: DeadLetter[] = [];
  const check = (where: Drawn["place"], numbers: readonly number[]): void => {
    if (where === place && numbers.some((number) => number % failing === 0)) throw new Error("drawn");
  };
  const summary = await flow(fromIterable(source, { name: "numbers" }))
    .batch(size)
    .map(
      (batch) => {
        // Whoever gets a batch may change it.
        const own = batch as number[];
        own.sort((a, b) => b - a);
        check("batch", own);
        return own;
      },
      { onError },
    )
    .split((batch) => batch, { onError })
    .map(
      (number) => {
        check("part", [number]);
        return number;
      },
      { onError },
    )
    .batch({ size: 2, id: "again" })
    .map(
      (pair) => {
        check("again", pair);
        return pair;
      },
      { onError },
    )
    .to(toArray(got), {
      deadLetters: toArray(letters),
      alerts: { errorRate: 0.2, deadLetters: 3 },
      run: { log: createLog({ write: (line) => warned.push(JSON.parse(line)) }) },
    });
  return JSON.parse(
    JSON.stringify([got, warned, letters, summary], (key, value: unknown) =>
      ["timestamp", "time", "runId", "durationMs", "ref"].includes(key) ? undefined : value,
    ),
  );
}

function* oneByOne(records: readonly number[]): Generator<number> {
  yield* records;
}

describe("a batch of records that came without items", () => {
  it("is in nothing another one than of records that came one by one", async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (all) => {
        expect(await seen(all, all.records)).toEqual(await seen(all, oneByOne(all.records)));
      }),
      { numRuns: 300 },
    );
  });

  it("holds what is there of an array with gaps", async () => {
    const got: (readonly unknown[])[] = [];
    // oxlint-disable-next-line no-sparse-arrays
    await flow(fromIterable([1, , 3] as unknown[]))
      .batch(3)
      .to(toArray(got));
    expect(Object.keys(got[0] ?? [])).toEqual(["0", "1", "2"]);
  });

  it("lets timers have their turn as often as records do", async () => {
    let most = 0;
    let since = 0;
    let ended = false;
    const turn = (): void => {
      most = Math.max(most, since);
      since = 0;
      if (!ended) setImmediate(turn);
    };
    setImmediate(turn);
    await flow(fromIterable(Array.from({ length: 50_000 }, (_, index) => index)))
      .batch(100)
      .map((batch) => {
        since += batch.length;
        return batch.length;
      })
      .to(toArray<number>([]));
    ended = true;
    expect(most).toBeLessThanOrEqual(3_000);
  });
});
