import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeadLetter } from "../dead-letter.ts";
import { flow } from "../flow.ts";
import { fromIterable } from "../from-iterable.ts";
import { compareKeys, type KeyValue } from "../keys.ts";
import { defineSink } from "../sink.ts";
import { defineSource } from "../source.ts";
import { toArray } from "../to-array.ts";

interface Entry {
  readonly key: KeyValue;
  readonly second: number;
  readonly place: number;
}

const keyValue = fc.oneof(
  fc.constantFrom(null, undefined, true, false, Number.NaN, 0, -0, "", "a", "B"),
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 3 }),
);

describe("sort", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "sort-test-"));
  });
  afterEach(() => {
    if (readdirSync(directory).length > 0) throw new Error("a temporary file was left");
    rmSync(directory, { recursive: true });
  });

  it("gives what a stable sort gives, in memory and from files", async () => {
    const entry = fc.record({ key: keyValue, second: fc.integer({ min: 0, max: 2 }) });
    const orders = fc.tuple(fc.constantFrom("asc", "desc"), fc.constantFrom("asc", "desc"));
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 60 }),
        orders,
        fc.integer({ min: 1, max: 70 }),
        async (drawn, [order, secondOrder], maxInMemory) => {
          const entries = drawn.map((each, place): Entry => ({ ...each, place }));
          const got: number[] = [];
          const summary = await flow(fromIterable(entries))
            // A file holds no such number, and its function gives it all the same.
            .map(({ key, ...rest }) => ({ ...rest, key: [String(key), typeof key] }))
            .sort({
              by: [
                { key: ({ place }) => drawn[place]?.key, order },
                { key: "second", order: secondOrder },
              ],
              maxInMemory,
              directory,
            })
            .map(({ place }) => place)
            .to(toArray(got));
          const expected = entries
            .toSorted(
              (a, b) =>
                compareKeys(a.key, b.key) * (order === "asc" ? 1 : -1) ||
                (a.second - b.second) * (secondOrder === "asc" ? 1 : -1),
            )
            .map(({ place }) => place);
          expect(got).toEqual(expected);
          expect(summary).toMatchObject({ status: "success", delivered: drawn.length, unfinished: 0 });
        },
      ),
    );
  });

  it("has one order over all kinds of values", () => {
    const ordered: readonly KeyValue[][] = [
      [null, undefined],
      [false],
      [true],
      [Number.NaN],
      [Number.NEGATIVE_INFINITY],
      [-1.5],
      [0, -0],
      [1e300],
      [Number.POSITIVE_INFINITY],
      [""],
      ["A"],
      ["AA"],
      ["a"],
      ["é"],
      ["\u{1f600}"],
      ["\uffff"],
    ];
    for (const [index, group] of ordered.entries()) {
      for (const [other, others] of ordered.entries()) {
        for (const first of group) {
          for (const second of others) {
            expect(Math.sign(compareKeys(first, second))).toBe(Math.sign(index - other));
          }
        }
      }
    }
  });

  it("merges runs level by level, and keeps the books and places of what was in files", async () => {
    const count = 4_500;
    const letters: DeadLetter[] = [];
    const got: number[] = [];
    const source = defineSource<{ readonly n: number }>({
      name: "numbers",
      read: function* ({ cursor }) {
        for (let line = 1; line <= count; line++) {
          cursor.file = line % 2 === 0 ? "even" : "odd";
          cursor.line = line;
          cursor.byteOffset = line * 10;
          yield { n: (line * 7_919) % count };
        }
      },
    });
    const summary = await flow(source)
      .sort({ by: ["n"], maxInMemory: 1, directory })
      .map(
        ({ n }) => {
          if (n % 1_000 === 0) throw new Error("round");
          return n;
        },
        { onError: "dead-letter" },
      )
      .to(toArray(got), { deadLetters: toArray(letters) });
    expect(got).toEqual(
      Array.from({ length: count }, (_, index) => index).filter((number) => number % 1_000 !== 0),
    );
    expect(summary).toMatchObject({ read: count, delivered: count - 5, deadLettered: 5, unfinished: 0 });
    for (const { record, file, line, byteOffset, input } of letters) {
      expect(line).toBe(record);
      expect(file).toBe(record % 2 === 0 ? "even" : "odd");
      expect(byteOffset).toBe(record * 10);
      expect(input).toEqual({ n: (record * 7_919) % count });
    }
    expect(letters.map(({ input }) => (input as { n: number }).n)).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  });

  it("keeps parts of a split, groups and what was given elsewhere together", async () => {
    const teed: number[] = [];
    const letters: DeadLetter[] = [];
    const got: unknown[] = [];
    const summary = await flow(fromIterable([5, 0, 3, 1, 4]))
      .tee(toArray(teed))
      .split((count) => Array.from({ length: count }, (_, index) => ({ of: count, index })))
      .sort({ by: ["index", { key: "of", order: "desc" }], maxInMemory: 2, directory })
      .batch(2)
      .sort({ by: [(pair) => -(pair[0]?.index ?? 0)], maxInMemory: 1, directory })
      .map(
        (pair) => {
          if (pair.some(({ of, index }) => of === 3 && index === 2)) throw new Error("no");
          return pair.map(({ of, index }) => `${of}/${index}`).join(" ");
        },
        { onError: "dead-letter" },
      )
      .to(toArray(got), { deadLetters: toArray(letters) });
    // In order: 5/0 4/0 | 3/0 1/0 | 5/1 4/1 | 3/1 5/2 | 4/2 3/2 | 5/3 4/3 | 5/4
    expect(got).toEqual(["5/4", "5/3 4/3", "5/1 4/1", "3/1 5/2", "5/0 4/0", "3/0 1/0"]);
    expect(teed).toEqual([5, 0, 3, 1, 4]);
    // 0 was split into nothing, and is in the other sink.
    expect(summary).toMatchObject({ read: 5, delivered: 3, deadLettered: 2, filtered: 0, unfinished: 0 });
    expect(letters.map(({ record }) => record)).toEqual([5, 3]);
  });

  it("fails a record that is no JSON only where it has to go to a file, and one that has no such key", async () => {
    const records: readonly unknown[] = [{ n: 2, at: new Date(0) }, { n: { a: 1 } }, { n: 1 }, null];
    for (const [maxInMemory, expected] of [
      [10, { delivered: 2, deadLettered: 2 }],
      [2, { delivered: 1, deadLettered: 3 }],
    ] as const) {
      const summary = await flow(fromIterable(records))
        .sort({ by: ["n"], maxInMemory, directory, onError: "dead-letter" })
        .to(toArray<unknown>([]));
      expect(summary).toMatchObject({ status: "partial", read: 4, unfinished: 0, ...expected });
      const messages = summary.deadLetters.map(({ record, error }) => `${record} ${error.message}`);
      expect(messages).toContainEqual(
        expect.stringMatching(/^2 .*"n" must be a text, a number, true, false or null, got an object/),
      );
      if (maxInMemory === 2) {
        expect(messages).toContainEqual(expect.stringMatching(/^1 .*no JSON at at: an object of class Date/));
      }
    }
    const stopped = await flow(fromIterable([{ n: 1, f: () => 1 }]))
      .sort({ by: ["n"], maxInMemory: 1, directory })
      .to(toArray<unknown>([]));
    expect(stopped).toMatchObject({ status: "failed", unfinished: 1, error: { stage: "sort" } });
  });

  it("leaves no file when the flow is cancelled, its sink fails, or the folder is not there", async () => {
    const records = Array.from({ length: 500 }, (_, n) => ({ n: (n * 7) % 500 }));
    for (const at of [3, 100, 250, 499]) {
      let cancel: () => void = () => {};
      const source = defineSource<{ readonly n: number }>({
        name: "numbers",
        read: async function* () {
          for (const record of records) {
            if (record.n === at) cancel();
            yield record;
          }
        },
      });
      const run = flow(source)
        .sort({ by: ["n"], maxInMemory: 5, directory })
        .start(toArray<unknown>([]));
      cancel = () => run.cancel();
      const summary = await run.summary;
      expect(summary.status).toBe("cancelled");
      expect(summary.read).toBe(summary.unfinished);
      expect(readdirSync(directory)).toEqual([]);
    }
    let writes = 0;
    const full = defineSink<unknown>({
      name: "full",
      maxRecords: 10,
      open: () => ({
        write: async () => {
          writes++;
          if (writes === 3) throw new Error("full");
        },
      }),
    });
    const failed = await flow(fromIterable(records))
      .sort({ by: ["n"], maxInMemory: 50, directory })
      .to(full);
    expect(failed).toMatchObject({ status: "failed", delivered: 20, unfinished: 480 });
    const nowhere = await flow(fromIterable(records))
      .sort({ by: ["n"], maxInMemory: 50, directory: join(directory, "none") })
      .to(toArray<unknown>([]));
    expect(nowhere).toMatchObject({ status: "failed", delivered: 0, error: { stage: "sort" } });
    const message = `No temporary files can be made in ${join(directory, "none")}: ENOENT`;
    expect(nowhere.error?.message.startsWith(message)).toBe(true);
    expect(nowhere.error?.hint).toMatch(/TMPDIR/);
  });

  it("lets the event loop turn while it gives", async () => {
    let turns = 0;
    const seen = new Set<number>();
    const count = () => {
      turns++;
      if (turns < 1_000) setImmediate(count);
    };
    setImmediate(count);
    await flow(fromIterable(Array.from({ length: 20_000 }, (_, n) => ({ n: -n }))))
      .sort({ by: ["n"] })
      .map(({ n }) => {
        seen.add(turns);
        return n;
      })
      .to(toArray<unknown>([]));
    expect(seen.size).toBeGreaterThan(5);
    turns = 1_000;
  });

  it("refuses wrong options", () => {
    const begun = flow(fromIterable([{ k: 1, name: "a", nested: { a: 1 } }]));
    for (const wrong of [
      () => begun.sort({ by: [] }),
      () => begun.sort({ by: "k" as never }),
      () => begun.sort({ by: [3 as never] }),
      () => begun.sort({ by: [{ key: "k", order: "down" as never }] }),
      () => begun.sort({ by: [{ key: "k", oder: "desc" } as never] }),
      () => begun.sort({ by: ["k"], maxInMemory: 0 }),
      () => begun.sort({ by: ["k"], directory: "" }),
      () => begun.sort({ by: ["k"], onError: "pass" as never }),
      () => begun.deduplicate({ by: [] }),
      () => begun.deduplicate({ by: ["k"], maxKeys: 0.5 }),
      // @ts-expect-error an object is no key
      () => begun.deduplicate({ by: ["nested"], onEror: "drop" }),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
    const { stages } = begun.sort({ by: ["k"] }).deduplicate({ by: ["name"], id: "once" });
    expect(stages).toEqual([
      { id: "sort", kind: "sort", needsAll: true },
      { id: "once", kind: "deduplicate", needsAll: true },
    ]);
  });
});

describe("deduplicate", () => {
  it("keeps the first of those that are alike", async () => {
    const value = fc.record({
      a: fc.constantFrom<KeyValue>(null, undefined, 0, -0, Number.NaN, "", "0", "null", true, false),
      b: fc.constantFrom<KeyValue>("x", "1:x", 1, "1"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(value), fc.boolean(), async (values, isByBoth) => {
        const got: unknown[] = [];
        const summary = await flow(fromIterable(values))
          .deduplicate({ by: isByBoth ? ["a", "b"] : ["a"] })
          .to(toArray(got));
        const expected: typeof values = [];
        for (const each of values) {
          const isKnown = expected.some(
            ({ a, b }) =>
              (a === each.a || Object.is(a, each.a)) && (!isByBoth || b === each.b || Object.is(b, each.b)),
          );
          if (!isKnown) expected.push(each);
        }
        expect(got).toEqual(expected);
        expect(summary).toMatchObject({
          delivered: expected.length,
          filtered: values.length - expected.length,
          unfinished: 0,
        });
      }),
    );
  });

  it("fails with too many keys, and takes no other values", async () => {
    const many = await flow(fromIterable([1, 2, 1, 3]))
      .deduplicate({ by: [(number) => number], maxKeys: 2 })
      .to(toArray<unknown>([]));
    expect(many).toMatchObject({ status: "failed", read: 4, error: { stage: "deduplicate" } });
    const odd = await flow(fromIterable<unknown>([{ k: [] }, { k: 1 }, undefined, { k: 1 }]))
      .deduplicate({ by: ["k"], onError: "dead-letter" })
      .to(toArray<unknown>([]));
    expect(odd).toMatchObject({ status: "partial", delivered: 1, filtered: 1, deadLettered: 2 });
  });
});
