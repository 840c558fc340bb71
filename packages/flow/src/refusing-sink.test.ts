import { AtomicError, sleep } from "@atomic-agents/core";
import { createVirtualClock } from "@atomic-agents/testing";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { DeadLetter } from "./dead-letter.ts";
import { flow } from "./flow.ts";
import { fromIterable } from "./from-iterable.ts";
import { defineSink, type Sink } from "./sink.ts";
import { toArray } from "./to-array.ts";

interface Draw {
  readonly maxRecords: number;
  readonly refusesEvery: number;
  readonly isSlow: boolean;
}

/** A sink that refuses writes in which a multiple stands, until it is mended. */
function refusing({ maxRecords, refusesEvery, isSlow }: Draw, written: number[], isMended: () => boolean) {
  const look = (numbers: readonly number[]): void => {
    if (!isMended() && numbers.some((number) => number % refusesEvery === 0)) {
      throw new AtomicError("EXECUTION", "not those", {
        details: { thrown: "not those" },
        disposition: "dead-letter",
      });
    }
    written.push(...numbers);
  };
  const sink: Sink<number> = defineSink<number>({
    name: "refusing",
    maxRecords,
    open: (ctx) => ({
      mayRefuse: true,
      write: isSlow
        ? async (numbers) => {
            await sleep(5, ctx);
            look(numbers);
          }
        : look,
    }),
  });
  return sink;
}

const drawn = fc.record({
  /** Nothing stands between the source and the sink. */
  isPlain: fc.boolean(),
  count: fc.integer({ min: 0, max: 40 }),
  parts: fc.integer({ min: 0, max: 3 }),
  batch: fc.integer({ min: 1, max: 4 }),
  maxRecords: fc.integer({ min: 1, max: 7 }),
  refusesEvery: fc.integer({ min: 1, max: 9 }),
  isSlow: fc.boolean(),
});

it("what a sink refuses is kept apart, once each, and goes in again where it was refused", async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async ({ isPlain, count, parts, batch, ...draw }) => {
      const clock = createVirtualClock();
      const written: number[] = [];
      const teed: number[] = [];
      let isMended = false;
      const numbers = Array.from({ length: count }, (_, index) => index);
      const plain = flow(fromIterable(numbers));
      const designed = isPlain
        ? plain
        : plain
            .split((number) => Array.from({ length: number % (parts + 1) }, (_, part) => number * 10 + part))
            .batch(batch)
            .split((together) => together)
            .tee(toArray(teed));
      const letters: DeadLetter[] = [];
      const sink = refusing(draw, written, () => isMended);
      const first = await clock.until(designed.to(sink, { deadLetters: toArray(letters), run: { clock } }));
      isMended = true;
      const second = await clock.until(designed.redrive(letters).to(sink, { run: { clock } }));

      for (const { read, delivered, filtered, deadLettered, unfinished } of [first, second]) {
        expect(read).toBe(delivered + filtered + deadLettered + unfinished);
        expect(unfinished).toBe(0);
      }
      expect(first.letterCount).toBe(letters.length);
      expect(second).toMatchObject({ status: "success", read: first.deadLettered, deadLettered: 0 });
      const all = isPlain
        ? numbers
        : numbers.flatMap((number) =>
            Array.from({ length: number % (parts + 1) }, (_, part) => number * 10 + part),
          );
      expect(written.toSorted((a, b) => a - b)).toEqual(all);
      if (!isPlain) expect(teed.toSorted((a, b) => a - b)).toEqual(all);
      if (letters.length > 0) refused++;
    }),
  );
  expect(refused).toBeGreaterThan(10);
});

it("a failure that is no refusal ends the flow, as does a refusal of a sink that may not refuse", async () => {
  const refusal = new AtomicError("EXECUTION", "no", {
    details: { thrown: "no" },
    disposition: "dead-letter",
  });
  for (const [mayRefuse, thrown] of [
    [true, new Error("no")],
    [false, refusal],
  ] as const) {
    const sink = defineSink<number>({
      name: "failing",
      open: () => ({
        mayRefuse,
        write: () => {
          throw thrown;
        },
      }),
    });
    expect(await flow(fromIterable([1, 2])).to(sink)).toMatchObject({
      status: "failed",
      read: 2,
      deadLettered: 0,
      unfinished: 2,
    });
  }
});
