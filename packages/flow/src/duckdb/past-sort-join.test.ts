import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DeadLetter,
  type Flow,
  flow,
  type FlowSummary,
  fromIterable,
  type KeyValue,
  toArray,
} from "@atomic-agents/flow";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { duckDb } from "./index.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-past-sort-join-"));
afterAll(() => rmSync(directory, { recursive: true }));

interface Ended {
  readonly got: readonly unknown[];
  readonly letters: readonly DeadLetter[];
  readonly summary: FlowSummary;
}

async function run(made: Flow<unknown>): Promise<Ended> {
  const got: unknown[] = [];
  const letters: DeadLetter[] = [];
  const summary = await made.to(toArray(got), { deadLetters: toArray(letters) });
  expect(summary.read).toBe(summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished);
  return { got, letters, summary };
}

/** What can be told of a run that shall be as another; letters in the order of records. */
function told({ got, letters, summary }: Ended): unknown {
  const { read, delivered, filtered, deadLettered, emitted, status, error } = summary;
  const told = letters.map((letter) => [letter.record, letter.error.message, letter.input]);
  return {
    got,
    ends: { read, delivered, filtered, deadLettered, emitted, status, error: error?.message },
    letters: told.toSorted(([first], [second]) => Number(first) - Number(second)),
  };
}

const odd: readonly KeyValue[] = [
  ..."\0 \n \t \r \x1e \x1f ! \x7f \u0080 \uD7FF \uD800 \uDBFF \uDC00 \uDFFF \uE000 \uFFFF \u{10000} \u{10FFFF}".split(
    " ",
  ),
  ...["", "a", "aa", "A", "é", '"', "\\", "[]", " ", "7", "\x1f\x20", "\n\n"],
  ...[0, -0, 1, -1, 5e-324, 1e308, -1e308, 0.1, 2 ** 53, Number.NaN],
  ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true, false, null, undefined],
];
const keyValue = fc.oneof(fc.constantFrom(...odd), fc.double(), fc.string({ unit: "binary", maxLength: 3 }));
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 3 });
const anyText = units.map((codes) => String.fromCharCode(...codes));
const key = fc.oneof(keyValue, anyText);
/** Some are no key, and fail. */
const mostlyKey = fc.oneof({ weight: 20, arbitrary: key }, fc.constant(["no key"]));

describe("a sort that goes on in DuckDB", () => {
  const order = fc.constantFrom("asc", "desc");

  it("gives what it would give in memory, of any records", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: mostlyKey, other: fc.integer({ min: 0, max: 2 }), text: anyText }), {
          maxLength: 60,
        }),
        fc.tuple(order, order),
        fc.integer({ min: 1, max: 10 }),
        fc.boolean(),
        async (drawn, [first, second], maxInMemory, isSplit) => {
          // What JSON has not may be a key all the same, given by its function.
          const records = drawn.map(({ other, text }, place) => ({ other, text, place }));
          const start = flow(fromIterable(records));
          const made = isSplit ? start.split((each) => [each, { ...each, text: "second" }]) : start;
          const keyOf = ({ place }: { readonly place: number }) => drawn[place]?.key as KeyValue;
          const by = [{ key: keyOf, order: first }, { key: "other", order: second } as const] as const;
          const inMemory = await run(made.sort({ by, onError: "dead-letter" }));
          const past = await run(
            made.sort({ by, onError: "dead-letter", maxInMemory, past: duckDb({ threads: 1 }) }),
          );
          expect(told(past)).toEqual(told(inMemory));
        },
      ),
      { numRuns: 80 },
    );
  });

  it("sorts many, with what each has beside its value", async () => {
    const count = 150_000;
    const records = (function* (): Generator<{ readonly n: number; readonly text: string }> {
      for (let n = 0; n < count; n++) yield { n: (n * 7_919) % count, text: `line\n${n % 7}\t` };
    })();
    const past = duckDb({ memoryLimitMb: 64, temporaryDirectory: directory });
    const { got, summary, letters } = await run(
      flow(fromIterable(records))
        .sort({ by: [{ key: "n", order: "desc" }], maxInMemory: 10_000, past })
        .map(
          (each) => {
            if (each.n === 7_919) throw new Error("the second");
            return each;
          },
          { onError: "dead-letter" },
        ),
    );
    const numbers = got.map((each) => (each as { readonly n: number }).n);
    expect(numbers).toEqual(
      Array.from({ length: count }, (_, n) => count - 1 - n).filter((n) => n !== 7_919),
    );
    expect(summary).toMatchObject({ read: count, delivered: count - 1, deadLettered: 1 });
    expect(letters).toMatchObject([{ record: 2, input: { n: 7_919, text: "line\n1\t" } }]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("has what is no JSON fail, and the others go on", async () => {
    const records = [{ n: 2, when: new Date(0) }, { n: 3 }, { n: 1, when: new Date(1) }, { n: 0 }];
    const { got, letters } = await run(
      flow(fromIterable<{ readonly n: number }>(records)).sort({
        by: ["n"],
        maxInMemory: 1,
        past: duckDb(),
        onError: "dead-letter",
      }),
    );
    expect(got).toEqual([{ n: 0 }, { n: 3 }]);
    expect(letters.map(({ record }) => record)).toEqual([1, 3]);
  });

  it("opens nothing while there is room", async () => {
    const past = duckDb({ temporaryDirectory: join(directory, "nowhere") });
    const { got, summary } = await run(flow(fromIterable([2, 1])).sort({ by: [(n) => n], past }));
    expect([got, summary.status]).toEqual([[1, 2], "success"]);
  });

  it.each([
    ["EXECUTION", { temporaryDirectory: join(directory, "nowhere") }],
    ["EXECUTION", { memoryLimitMb: 64, maxTemporaryMb: 16, threads: 1, temporaryDirectory: directory }],
    ["TIMEOUT", { timeoutMs: 1, temporaryDirectory: directory }],
  ] as const)("ends with %s where DuckDB cannot, with %o", async (code, options) => {
    const records = (function* (): Generator<string> {
      for (let n = 0; n < 400_000; n++) yield `${n} ${"x".repeat(100)}`;
    })();
    const { summary } = await run(
      flow(fromIterable(records)).sort({
        by: [(text) => text],
        maxInMemory: 20_000,
        past: duckDb(options),
      }),
    );
    expect(summary).toMatchObject({ status: "failed", delivered: 0 });
    expect(summary.error).toMatchObject({ code, stage: "sort" });
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(["while it is put there", "while it comes back"])("can be cancelled %s", async (when) => {
    const stop = new AbortController();
    let count = 0;
    const records = (function* (): Generator<number> {
      for (let n = 0; n < 60_000; n++) {
        if (n === 30_000 && when === "while it is put there") stop.abort();
        yield n;
      }
    })();
    const summary = await flow(fromIterable(records))
      .sort({ by: [(n) => n % 100], maxInMemory: 1_000, past: duckDb({ temporaryDirectory: directory }) })
      .map((n) => {
        count++;
        if (count === 5_000) stop.abort();
        return n;
      })
      .to(toArray<unknown>([]), { run: { signal: stop.signal } });
    expect(summary.status).toBe("cancelled");
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("a join that goes on in DuckDB", () => {
  const types = fc.constantFrom("inner", "left", "semi", "anti");
  const few = fc.constantFrom<unknown>(...odd.slice(0, 4), "a", 0, -0, 1, "1", Number.NaN, null, undefined, [
    "x",
  ]);

  it("gives what it would give in memory, in the same order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: few, text: anyText }), { maxLength: 30 }),
        fc.array(fc.record({ key: fc.oneof(few, anyText), text: anyText }), { maxLength: 30 }),
        types,
        fc.record({
          maxInMemory: fc.integer({ min: 1, max: 10 }),
          maxMatches: fc.integer({ min: 1, max: 4 }),
        }),
        fc.boolean(),
        async (lefts, rights, type, { maxInMemory, maxMatches }, isSplit) => {
          const numbered = (drawn: readonly { readonly text: string }[]) =>
            drawn.map(({ text }, place) => ({ text, place }));
          const start = flow(fromIterable(numbered(lefts)));
          const made = isSplit ? start.split((each) => [each, { ...each, text: "second" }]) : start;
          const other = flow(fromIterable(numbered(rights.filter((right) => !Array.isArray(right.key)))));
          const kept = rights.filter((right) => !Array.isArray(right.key));
          const on = {
            left: ({ place }: { readonly place: number }) => lefts[place]?.key as KeyValue,
            right: ({ place }: { readonly place: number }) => kept[place]?.key as KeyValue,
          };
          const joined = (more: object): Flow<unknown> => {
            const options = { on, maxMatches, onError: "dead-letter", ...more } as const;
            return type === "inner" || type === "left"
              ? made.join(other, { ...options, type, as: "found" })
              : made.join(other, { ...options, type });
          };
          const inMemory = await run(joined({}));
          const past = await run(joined({ maxInMemory, past: duckDb({ threads: 1 }) }));
          expect(told(past)).toEqual(told(inMemory));
        },
      ),
      { numRuns: 120 },
    );
  });

  it("joins many with many, by two keys", async () => {
    const count = 60_000;
    const other = fromIterable(
      Array.from({ length: count }, (_, n) => ({ id: (n * 7) % count, land: "FR", name: `name\n${n}` })),
    );
    const records = Array.from({ length: count }, (_, n) => ({
      id: n % 50_000,
      land: n % 3 === 0 ? null : "FR",
    }));
    const options = { on: ["id", "land"], as: "found", type: "left" } as const;
    const inMemory = await run(flow(fromIterable(records)).join(other, options));
    const past = duckDb({ memoryLimitMb: 128, temporaryDirectory: directory });
    const got = await run(flow(fromIterable(records)).join(other, { ...options, maxInMemory: 1_000, past }));
    expect(told(got)).toEqual(told(inMemory));
    expect(got.summary).toMatchObject({ status: "success", delivered: count });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("gives matches of one record that come in several pieces", async () => {
    const other = fromIterable(Array.from({ length: 10_000 }, (_, n) => ({ key: n % 2, n })));
    const { got } = await run(
      flow(fromIterable([{ key: 0 }, { key: 5 }, { key: 1 }])).join(other, {
        on: "key",
        as: "found",
        maxInMemory: 10,
        maxMatches: 5_000,
        past: duckDb(),
      }),
    );
    expect(got.map((each) => (each as { readonly found: { readonly n: number } }).found.n)).toEqual([
      ...Array.from({ length: 5_000 }, (_, n) => 2 * n),
      ...Array.from({ length: 5_000 }, (_, n) => 2 * n + 1),
    ]);
  });

  it("ends the flow where DuckDB has no room, and says what to do", async () => {
    const records = (function* (): Generator<{ readonly key: string }> {
      for (let n = 0; n < 400_000; n++) yield { key: `${n} ${"x".repeat(100)}` };
    })();
    const past = duckDb({ memoryLimitMb: 64, maxTemporaryMb: 16, threads: 1, temporaryDirectory: directory });
    const other = fromIterable(Array.from({ length: 20 }, (_, n) => ({ key: `${n}` })));
    const { summary } = await run(
      flow(fromIterable(records)).join(other, { on: "key", type: "anti", maxInMemory: 10, past }),
    );
    expect(summary).toMatchObject({ status: "failed", delivered: 0, error: { code: "EXECUTION" } });
    expect(summary.error?.hint).toContain("maxTemporaryMb");
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    ["EXECUTION", { temporaryDirectory: join(directory, "nowhere") }],
    ["TIMEOUT", { timeoutMs: 1, temporaryDirectory: directory }],
  ] as const)("ends with %s where DuckDB cannot, with %o", async (code, options) => {
    const records = Array.from({ length: 40_000 }, (_, n) => ({ key: `${n} ${"x".repeat(100)}` }));
    const { summary } = await run(
      flow(fromIterable(records)).join(fromIterable(records), {
        on: "key",
        type: "semi",
        maxInMemory: 100,
        past: duckDb(options),
      }),
    );
    expect(summary).toMatchObject({ status: "failed", delivered: 0 });
    expect(summary.error).toMatchObject({ code, stage: "join" });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is refused with a folder for files that there are none of", () => {
    const start = flow(fromIterable<{ readonly a: string }>([]));
    expect(() => start.sort({ by: ["a"], directory, past: duckDb() })).toThrow(/directory/);
    expect(() =>
      start.join(fromIterable([{ a: "" }]), { on: "a", type: "semi", directory, past: duckDb() }),
    ).toThrow(/directory/);
    // @ts-expect-error Not what makes it, but what it makes.
    expect(() => start.sort({ by: ["a"], past: duckDb })).toThrow(/past/);
  });
});
