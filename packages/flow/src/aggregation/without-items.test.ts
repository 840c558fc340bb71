import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import type { RecordPolicy } from "../nodes/node.ts";
import type { Source } from "../source.ts";
import { toArray } from "../to-array.ts";

interface Row {
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  readonly price: number;
}

interface Drawn {
  readonly by: readonly string[];
  readonly maxGroups: number;
  readonly onError: RecordPolicy;
  readonly failsAfter: boolean;
  /** Whether there are figures of nothing but one key's numbers. */
  readonly isOfNumbers: boolean;
}

/** How a flow over the rows ends, but for what is different each time. */
async function endOf(
  source: Source<unknown>,
  { by, maxGroups, onError, failsAfter, isOfNumbers }: Drawn,
): Promise<unknown> {
  const got: unknown[] = [];
  const letters: DeadLetter[] = [];
  const summary = await flow(source)
    .aggregate({
      by,
      calculate: {
        count: { count: true },
        sum: { sum: "price" },
        mean: { mean: "price" },
        least: { min: "price" },
        ...(isOfNumbers ? {} : { most: { max: "b" }, kinds: { distinct: "c" } }),
      },
      maxGroups,
      onError,
    })
    .map(
      (group) => {
        if (failsAfter && group.count % 2 === 1) throw new Error("odd");
        return group;
      },
      { onError: "dead-letter" },
    )
    .to(toArray<unknown>(got), { deadLetters: toArray(letters) });
  const { read, delivered, filtered, deadLettered, unfinished } = summary;
  expect(read).toBe(delivered + filtered + deadLettered + unfinished);
  const told = letters.map(({ record, records, stage, input, error: why }) => [
    record,
    records,
    stage,
    input,
    why.message,
  ]);
  const { status, stages, emitted, letterCount, error } = summary;
  return {
    got,
    told,
    status,
    stages,
    emitted,
    letterCount,
    read,
    delivered,
    filtered,
    error: error?.message,
  };
}

/** A record that throws when it is asked for a key. */
function unreadable(key: string): unknown {
  const record = { a: "x", b: "x", c: 1, price: 1 };
  return Object.defineProperty(record, key, {
    enumerable: true,
    get: () => {
      throw new TypeError(`no ${key}`);
    },
  });
}

describe("an aggregate of an array, which needs no items", () => {
  it("ends as one of records that come one by one, whatever is among them", async () => {
    const key = fc.constantFrom<unknown>("x", "y", 1, null, undefined, true, Number.NaN);
    const price = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom<unknown>(0, 1, 0.1, 0.2, -7, 1e16, 1e308, -0) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(null, undefined, Number.NaN, Infinity, "1") },
    );
    const row = fc.oneof(
      { weight: 20, arbitrary: fc.record({ a: key, b: key, c: key, price }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<unknown>(
          null,
          undefined,
          {},
          { a: [], b: "x", c: 1, price: 1 },
          { a: "x", b: {}, c: 1, price: 1 },
          { a: "x", b: "x", c: [], price: 1 },
          { a: "x", b: "x", c: 1, price: "1" },
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom("a", "price").map(unreadable) },
    );
    const drawn = fc.record({
      by: fc.subarray(["a", "b", "c"]),
      maxGroups: fc.constantFrom(3, 100, 100),
      onError: fc.constantFrom<RecordPolicy>("dead-letter", "dead-letter", "drop", "stop"),
      failsAfter: fc.boolean(),
      isOfNumbers: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60, size: "max" }), drawn, async (rows, options) => {
        const oneByOne = function* (): Generator<unknown> {
          yield* rows;
        };
        const expected = await endOf(fromIterable(oneByOne()), options);
        expect(await endOf(fromIterable(rows), options)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("lets go of it when it is cancelled, and tells how far it has come", async () => {
    const rows = Array.from(
      { length: 100_000 },
      (_unused, index): Row => ({ a: index % 3, b: 0, c: 0, price: 1 }),
    );
    const controller = new AbortController();
    const run = flow(fromIterable(rows))
      .aggregate({ by: ["a"], calculate: { sum: { sum: "price" } } })
      .start(toArray<unknown>([]), { run: { signal: controller.signal } });
    // Between two turns of the flow.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { read, ratio } = run.progress();
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(100_000);
    expect(ratio).toBeCloseTo(read / 100_000);
    controller.abort();
    const summary = await run.summary;
    expect(summary).toMatchObject({ status: "cancelled", read, unfinished: read, delivered: 0 });
  });

  it("takes what is added to the array while it is read", async () => {
    const rows: { readonly a: number }[] = [
      {
        get a() {
          if (rows.length < 3) rows.push({ a: 2 });
          return 1;
        },
      },
    ];
    const got: unknown[] = [];
    await flow(fromIterable(rows))
      .aggregate({ by: ["a"], calculate: { n: { count: true } } })
      .to(toArray<unknown>(got));
    expect(got).toEqual([
      { a: 1, n: 1 },
      { a: 2, n: 2 },
    ]);
  });
});
