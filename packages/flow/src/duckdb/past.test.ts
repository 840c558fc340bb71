import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DeadLetter,
  type Flow,
  flow,
  type FlowSummary,
  fromIterable,
  toArray,
} from "@atomic-agents/flow";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { duckDb } from "./index.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-past-"));
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

/** What can be told of a run that shall be as another. */
function told({ got, letters, summary }: Ended): unknown {
  const { read, delivered, filtered, deadLettered, emitted, status, stages } = summary;
  // The stages before may close a record sooner or later.
  const ends = { read, delivered, filtered, deadLettered, emitted, status, stage: stages.at(-1) };
  return { got, ends, letters: letters.map(({ record, error, input }) => [record, error.message, input]) };
}

const odd = ["", "a", "A", "\0", "\uD800", '"', "[]", 0, -0, 1, "1", 1e300, true, false, null, undefined];
const numbers = fc.oneof(fc.constantFrom(null, undefined, 0, -0, 5e-324, 1e308, -1e308, "x"), fc.double());
const record = fc.record(
  {
    key: fc.constantFrom<unknown>(...odd, Number.NaN, Number.POSITIVE_INFINITY),
    other: fc.constantFrom<unknown>("x", "y", null, undefined, ["x"]),
    number: numbers,
    text: fc.oneof(fc.constantFrom<unknown>(null, undefined, 5), fc.string({ unit: "binary", maxLength: 3 })),
    any: fc.oneof(
      fc.constantFrom<unknown>(null, undefined, {}, [1], Number.NaN),
      fc.string({ maxLength: 2 }),
    ),
    deep: fc.constantFrom<unknown>(null, undefined, {}, [1], 5n),
  },
  { requiredKeys: [] },
);

const calculate = {
  all: { count: true },
  there: { count: "deep" },
  sum: { sum: "number" },
  mean: { mean: "number" },
  most: { max: "number" },
  p90: { quantile: "number", at: 0.9 },
  first: { min: "text" },
  texts: { count: "text" },
  distinct: { distinct: "any" },
} as const;

describe("an aggregation that goes on in DuckDB", () => {
  it("gives what it would give in memory, of any records", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("source", "map", "split", "tee"),
        async (records, maxGroups, way) => {
          const start = flow(fromIterable<unknown>(records));
          const ways = {
            source: start,
            map: start.map((each) => each),
            split: start.split((each) => [each, each]),
            tee: start.tee(toArray<unknown>([])),
          };
          const made = ways[way];
          const options = { by: ["key", "other"], calculate, onError: "dead-letter" } as const;
          const inMemory = await run(made.aggregate(options));
          const past = await run(made.aggregate({ ...options, maxGroups, past: duckDb({ threads: 1 }) }));
          expect(told(past)).toEqual(told(inMemory));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives the sketches that it would give in memory, over many batches", async () => {
    const records = Array.from({ length: 60_000 }, (_, n) => ({
      group: `group-${n % 7}`,
      number: Math.sin(n) * 1e6,
      user: `user-${n % 5_000}`,
    }));
    const options = {
      by: ["group"],
      calculate: {
        p95: { quantile: "number", at: 0.95 },
        sum: { sum: "number" },
        users: { distinct: "user" },
      },
    } as const;
    const inMemory = await run(flow(fromIterable(records)).aggregate(options));
    const past = await run(
      flow(fromIterable(records)).aggregate({ ...options, maxGroups: 2, past: duckDb() }),
    );
    expect(told(past)).toEqual(told(inMemory));
    expect(past.got).toHaveLength(7);
  });

  it("has each record end as its own group does", async () => {
    const records = Array.from({ length: 40 }, (_, n) => ({ key: n % 10 }));
    const made = flow(fromIterable(records))
      .aggregate({ by: ["key"], calculate: { n: { count: true } }, maxGroups: 3, past: duckDb() })
      .filter(({ key }) => key !== 9)
      .map(
        (group) => {
          if (group.key === 8) throw new Error("eight");
          return group;
        },
        { onError: "dead-letter" },
      );
    const { got, letters, summary } = await run(made);
    expect(got).toHaveLength(8);
    expect(summary).toMatchObject({ read: 40, delivered: 32, filtered: 4, deadLettered: 4, unfinished: 0 });
    expect(letters.map(({ record: number }) => number)).toEqual([9]);
  });

  it("ends the flow where DuckDB has no room, and leaves nothing behind", async () => {
    const records = (function* (): Generator<unknown> {
      for (let n = 0; n < 600_000; n++) yield { key: `key-${n}-${"x".repeat(100)}` };
    })();
    const past = duckDb({ memoryLimitMb: 64, maxTemporaryMb: 1, temporaryDirectory: directory });
    const { summary } = await run(
      flow(fromIterable(records)).aggregate({ by: ["key"], calculate: {}, maxGroups: 10, past }),
    );
    expect(summary).toMatchObject({ status: "failed", delivered: 0 });
    expect(summary.error).toMatchObject({ code: "EXECUTION", stage: "aggregate" });
    expect(summary.error?.hint).toContain("maxTemporaryMb");
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(["while it is put there", "while it comes back"])("can be cancelled %s", async (when) => {
    const stop = new AbortController();
    let count = 0;
    const records = (function* (): Generator<unknown> {
      for (let n = 0; n < 100_000; n++) {
        if (n === 50_000 && when === "while it is put there") stop.abort();
        yield { key: n };
      }
    })();
    const past = duckDb({ temporaryDirectory: directory });
    const summary = await flow(fromIterable(records))
      .aggregate({ by: ["key"], calculate: {}, maxGroups: 10, past })
      .map((group) => {
        count++;
        if (count === 5_000) stop.abort();
        return group;
      })
      .to(toArray<unknown>([]), { run: { signal: stop.signal } });
    expect(summary.status).toBe("cancelled");
    expect(readdirSync(directory)).toEqual([]);
  });

  it("opens nothing while there is room", async () => {
    const past = duckDb({ temporaryDirectory: join(directory, "nowhere") });
    const { summary } = await run(
      flow(fromIterable([{ key: 1 }])).aggregate({ by: ["key"], calculate: {}, maxGroups: 1, past }),
    );
    expect(summary.status).toBe("success");
  });
});

describe("a deduplication that goes on in DuckDB", () => {
  it("keeps what it would keep in memory, of any records", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(["key"] as const, ["key", "other"] as const),
        fc.boolean(),
        async (records, maxKeys, by, isSplit) => {
          const start = flow(fromIterable<unknown>(records));
          const made = isSplit ? start.split((each) => [each, each]) : start;
          const options = { by, onError: "dead-letter" } as const;
          const inMemory = await run(made.deduplicate(options));
          const past = await run(made.deduplicate({ ...options, maxKeys, past: duckDb({ threads: 1 }) }));
          expect(told(past)).toEqual(told(inMemory));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps the first of many", async () => {
    const count = 150_000;
    const records = (function* (): Generator<{ readonly n: number; readonly key: string }> {
      for (let n = 0; n < count; n++) yield { n, key: `key-${(n * 7_919) % 100_003}` };
    })();
    const { got, summary } = await run(
      flow(fromIterable(records)).deduplicate({
        by: ["key"],
        maxKeys: 1_000,
        past: duckDb({ memoryLimitMb: 64 }),
      }),
    );
    expect(got.map((each) => (each as { n: number }).n)).toEqual(
      Array.from({ length: 100_003 }, (_, n) => n),
    );
    expect(summary).toMatchObject({ read: count, delivered: 100_003, filtered: count - 100_003 });
  });

  it("keeps a record waiting for no other", async () => {
    let proceed: (() => void) | undefined;
    const arrived: unknown[] = [];
    async function* slowly(): AsyncGenerator<number> {
      for (let n = 0; n < 4; n++) {
        yield n;
        // The next comes when this one has arrived.
        if (arrived.length <= n) await new Promise<void>((resolve) => (proceed = resolve));
      }
    }
    const summary = await flow(fromIterable(slowly()))
      .deduplicate({ by: [(n) => n], maxKeys: 1, past: duckDb() })
      .map((n) => {
        arrived.push(n);
        proceed?.();
        return n;
      })
      .to(toArray<unknown>([]));
    expect([arrived, summary.delivered]).toEqual([[0, 1, 2, 3], 4]);
  });

  it.each([
    ["EXECUTION", { temporaryDirectory: join(directory, "nowhere") }],
    ["EXECUTION", { memoryLimitMb: 64, maxTemporaryMb: 1, temporaryDirectory: directory }],
    ["TIMEOUT", { timeoutMs: 1, temporaryDirectory: directory }],
  ] as const)("ends with %s where DuckDB cannot, with %o", async (code, options) => {
    const records = (function* (): Generator<{ readonly key: string }> {
      for (let n = 0; n < 60_000; n++) yield { key: `${n} ${"x".repeat(2_000)}` };
    })();
    const { summary } = await run(
      flow(fromIterable(records)).deduplicate({ by: ["key"], maxKeys: 10, past: duckDb(options) }),
    );
    expect(summary).toMatchObject({ status: "failed", filtered: 0, deadLettered: 0 });
    expect(summary.error).toMatchObject({ code, stage: "deduplicate" });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is refused where something is forgotten or alike by a text", () => {
    const start = flow(fromIterable<{ readonly a: string }>([]));
    expect(() => start.deduplicate({ by: ["a"], within: { records: 5 }, past: duckDb() })).toThrow(/past/);
    expect(() => start.deduplicate({ near: { text: "a", similarity: 0.5 }, past: duckDb() })).toThrow(/past/);
    // @ts-expect-error Not what makes it, but what it makes.
    expect(() => start.deduplicate({ by: ["a"], past: duckDb })).toThrow(/past/);
    // @ts-expect-error It reads no files.
    expect(() => duckDb({ allowedDirectories: [] })).toThrow(/allowedDirectories/);
  });

  it("is refused with less memory than DuckDB needs to go on in files", () => {
    expect(() => duckDb({ memoryLimitMb: 63 })).toThrow(
      expect.objectContaining({ code: "CONFIG", message: expect.stringContaining("64 or more") }),
    );
  });
});
