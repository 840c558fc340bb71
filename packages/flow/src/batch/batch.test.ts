import { sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import { expectOperatorConforms, operatorBehaviours } from "@atomic-agents/testing/flow";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { defineSource } from "../source.ts";
import { toArray } from "../to-array.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** A source of numbers that come at these moments. */
const at = (momentsMs: readonly number[]) =>
  defineSource<number>({
    name: "slow",
    read: async function* (reader) {
      for (const [index, momentMs] of momentsMs.entries()) {
        await sleep(momentMs - reader.clock.now(), reader);
        yield index + 1;
      }
    },
  });

describe("flow.batch", () => {
  it("is full by size, by bytes or by time, whichever comes first", async () => {
    const clock = createVirtualClock();
    const got: (readonly number[])[] = [];
    // 1 to 3 fill one; 4 and 5 have waited for 100 ms; 6 is the last.
    const going = flow(at([0, 10, 20, 30, 100, 140]))
      .batch({ size: 3, maxWaitMs: 100 })
      .map((batch) => {
        got.push([...batch, clock.now()]);
        return batch;
      })
      .to(toArray<readonly number[]>([]), { run: { clock } });
    const summary = await clock.until(going);
    expect(got).toEqual([
      [1, 2, 3, 20],
      [4, 5, 130],
      [6, 140],
    ]);
    expect(summary).toMatchObject({ status: "success", read: 6, delivered: 6, unfinished: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("measures how long its first record has waited, not its last", async () => {
    const clock = createVirtualClock();
    const seenMs: number[] = [];
    const going = flow(at([0, 60, 120, 180]))
      .batch({ maxWaitMs: 100 })
      .map((batch) => {
        seenMs.push(clock.now());
        return batch;
      })
      .to(toArray<readonly number[]>([]), { run: { clock } });
    await clock.until(going);
    expect(seenMs).toEqual([100, 180]);
  });

  it("begins another batch where a record would make it too long, and gives a longer one by itself", async () => {
    const got: (readonly string[])[] = [];
    // Of JSON: two quotes more each, and ä is two bytes.
    await flow(fromIterable(["abcd", "ab", "ä", "abcdefghij", "a", "abc"]))
      .batch({ maxBytes: 10 })
      .to(toArray(got));
    expect(got).toEqual([["abcd", "ab"], ["ä"], ["abcdefghij"], ["a", "abc"]]);
  });

  it("does with what cannot be measured as it is told", async () => {
    const records = [1n, 2, undefined, 3];
    const letters: DeadLetter[] = [];
    const got: (readonly unknown[])[] = [];
    const summary = await flow(fromIterable(records))
      .batch({ maxBytes: 100, onError: "dead-letter" })
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual([[2, 3]]);
    expect(letters.map(({ record, stage }) => [record, stage])).toEqual([
      [1, "batch"],
      [3, "batch"],
    ]);
    expect(summary).toMatchObject({ status: "partial", read: 4, delivered: 2, deadLettered: 2 });
    const stopped = await flow(fromIterable(records)).batch({ maxBytes: 100 }).to(toArray<unknown>([]));
    expect(stopped).toMatchObject({ status: "failed", error: { code: "EXECUTION", stage: "batch" } });
    // Nobody asked how long they are.
    const unmeasured = await flow(fromIterable(records)).batch(2).to(toArray<unknown>([]));
    expect(unmeasured).toMatchObject({ status: "success", delivered: 4 });
  });

  it("leaves no timer behind when the flow is cancelled", async () => {
    const clock = createVirtualClock();
    const run = flow(at([0, 1_000]))
      .batch({ maxWaitMs: 500 })
      .start(toArray<readonly number[]>([]), { run: { clock } });
    await clock.advance(100);
    expect(clock.pendingTimers).toBeGreaterThan(0);
    run.cancel();
    expect(await clock.until(run.summary)).toMatchObject({ status: "cancelled", read: 1, unfinished: 1 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps all records in their order, within its limits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 12 }), { maxLength: 30 }),
        fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
        fc.integer({ min: 1, max: 40 }),
        async (records, size, maxBytes) => {
          const got: (readonly string[])[] = [];
          await flow(fromIterable(records)).batch({ size, maxBytes }).to(toArray(got));
          expect(got.flat()).toEqual(records);
          const bytesOf = (batch: readonly string[]) =>
            batch.reduce((sum, record) => sum + Buffer.byteLength(JSON.stringify(record)), 0);
          for (const [index, batch] of got.entries()) {
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(size ?? 1_000);
            if (batch.length > 1) expect(bytesOf(batch)).toBeLessThanOrEqual(maxBytes);
            // Never sooner than it has to be.
            const next = got[index + 1];
            const isFull =
              batch.length === size || (next && bytesOf([...batch, ...next.slice(0, 1)]) > maxBytes);
            expect(next === undefined || isFull || bytesOf(batch) >= maxBytes).toBe(true);
          }
        },
      ),
    );
  });

  it("does what flows expect of an operator", async () => {
    const records = upTo(7);
    const seen = await expectOperatorConforms((numbers) => numbers.batch({ size: 3, maxBytes: 2 }), {
      records,
      outputs: [[1, 2], [3, 4], [5, 6], [7]],
      madeOf: (_, index) => [2 * index, 2 * index + 1].filter((each) => each < 7),
    });
    expect(seen).toHaveLength(operatorBehaviours.length);
  });

  it("refuses limits that are none", () => {
    const begun = flow(fromIterable([1]));
    const wrong = [
      {},
      { size: 0 },
      { maxBytes: 0.5 },
      { maxWaitMs: -1 },
      { length: 1 },
      { id: "a", size: "1" },
    ];
    for (const options of wrong) {
      expect(() => begun.batch(options as { size: number })).toThrow(
        expect.objectContaining({ code: "CONFIG" }),
      );
    }
    expect(begun.batch({ size: 2, id: "pairs" }).stages).toEqual([
      { id: "pairs", kind: "batch", needsAll: false },
    ]);
    expect(begun.batch({ size: 2 }).hash).toBe(begun.batch(2).hash);
    expect(begun.batch({ size: 2, maxWaitMs: 5 }).hash).toBe(begun.batch(2).hash);
    expect(begun.batch({ size: 2, maxBytes: 5 }).hash).not.toBe(begun.batch(2).hash);
  });
});
