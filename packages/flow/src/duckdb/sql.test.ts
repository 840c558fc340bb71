import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DeadLetter,
  flow,
  type FlowSummary,
  fromIterable,
  type OperatorOptions,
  planRedrive,
  toArray,
} from "@atomic-agents/flow";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { describeSql, sql, type SqlOptions } from "./index.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-sql-"));
afterAll(() => rmSync(directory, { recursive: true }));

interface Options extends SqlOptions {
  readonly stage?: OperatorOptions;
}

async function query(
  records: Iterable<unknown>,
  text: string,
  { stage = {}, ...options }: Options = {},
): Promise<{ got: unknown[]; letters: DeadLetter[]; summary: FlowSummary }> {
  const got: unknown[] = [];
  const letters: DeadLetter[] = [];
  const summary = await flow(fromIterable(records))
    .operator(sql(text, options), stage)
    .to(toArray(got), { deadLetters: toArray(letters) });
  expect(summary.read).toBe(summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished);
  return { got, letters, summary };
}

/** Lists as JSON gives them back. */
function inJson({ nested }: { readonly nested?: unknown }): { readonly nested?: unknown } {
  return nested === undefined ? {} : { nested: JSON.parse(JSON.stringify(nested)) as unknown };
}

const sales = [
  { country: "FR", price: 3, tags: ["a", "b"] },
  { country: "DE", price: 2, tags: [] },
  { country: "FR", price: 5.5, tags: ["b"] },
];

const records = {
  type: "object",
  properties: { country: { type: "string" }, price: { type: "number" } },
} as const;

describe("sql", () => {
  it("groups all records, which end as the rows do", async () => {
    const text = "select country, count(*) as n, sum(price) as total from records group by all order by all";
    const { got, summary } = await query(sales, text);
    expect(got).toEqual([
      { country: "DE", n: 1, total: 2 },
      { country: "FR", n: 2, total: 8.5 },
    ]);
    expect(summary).toMatchObject({ status: "success", read: 3, delivered: 3, emitted: 2 });
    expect(summary.stages).toEqual([{ id: "sql", taken: 3, given: 2, filtered: 0, deadLettered: 0 }]);
  });

  it("gives nothing where nothing is left, and records end as filtered", async () => {
    const { got, summary } = await query(sales, "from records where price > 100");
    expect(got).toEqual([]);
    expect(summary).toMatchObject({ status: "success", read: 3, filtered: 3, emitted: 0 });
  });

  it("has columns without records where a schema says them", async () => {
    const schema = z.object({ price: z.number() });
    const text = "select count(*) as n, sum(price) as total from records";
    expect((await query([], text, { schema })).got).toEqual([{ n: 0, total: null }]);
    const without = await query([], text);
    expect(without.got).toEqual([]);
    expect(without.summary).toMatchObject({ status: "success", read: 0 });
  });

  it("stands between other stages, more than once", async () => {
    const got: unknown[] = [];
    const summary = await flow(fromIterable([1, 2, 3, 4]))
      .split((n) => Array.from({ length: n }, () => ({ n })))
      .filter(({ n }) => n !== 2)
      .operator(
        sql<{ n: number; count: number }>("select n, count(*) as count from records group by n order by n"),
      )
      .map(({ n, count }) => ({ n, isRight: n === count }))
      .operator(sql("select bool_and(isRight) as right, list(n) as list from records"))
      .to(toArray(got));
    expect(got).toEqual([{ right: true, list: [1, 3, 4] }]);
    expect(summary).toMatchObject({ status: "success", read: 4, delivered: 3, filtered: 1 });
  });

  it("takes lists and objects as JSON", async () => {
    const text = `select tag, count(*) as n from (select unnest(tags::varchar[]) as tag from records)
      group by tag order by tag`;
    expect((await query(sales, text)).got).toEqual([
      { tag: "a", n: 1 },
      { tag: "b", n: 2 },
    ]);
    const inner = [{ user: { name: "Ada", age: 36 } }];
    const byPath = "select user->>'$.name' as name, user as whole from records";
    expect((await query(inner, byPath)).got).toEqual([{ name: "Ada", whole: { name: "Ada", age: 36 } }]);
  });

  it("binds parameters and never splices them", async () => {
    const evil = "FR' or 1 = 1 --";
    const text = "select count(*) as n, $who as who from records where country = $who and price > $min";
    expect((await query(sales, text, { parameters: { who: evil, min: 0 } })).got).toEqual([
      { n: 0, who: evil },
    ]);
    expect((await query(sales, text, { parameters: { who: "FR", min: 4 } })).got).toEqual([
      { n: 1, who: "FR" },
    ]);
  });

  it.each([
    ["select contry from records", "CONFIG", /^sql, stage "sql": line 1, column 8: .*"contry" not found/],
    ["select 1 as a\nfrom nowhere", "CONFIG", /line 2, column 6: Table with name nowhere does not exist/],
    ["selec", "CONFIG", /line 1, column 1: syntax error/],
    ["drop table records", "CONFIG", /is no query/],
    ["from records where price > $min", "CONFIG", /^sql, stage "sql": There is no parameter min$/],
    ["from records; from records", "CONFIG", /has 2 statements/],
    ["select country::int as n from records", "EXECUTION", /Could not convert string/],
  ] as const)("says what is wrong with %j", async (text, code, message) => {
    const { summary } = await query(sales, text);
    expect(summary).toMatchObject({ status: "failed", published: false, unfinished: 3 });
    expect(summary.error?.code).toBe(code);
    expect(summary.error?.message).toMatch(message);
    expect(summary.error?.stage).toBe("sql");
  });

  it("says of a pivot that it has to name its values, with which it runs", async () => {
    for (const text of [
      "pivot records on country using sum(price)",
      "from (pivot records on country using sum(price));",
    ]) {
      const { summary } = await query(sales, text);
      expect(summary.error?.code).toBe("CONFIG");
      expect(summary.error?.message).toMatch(/sql is a pivot that does not name its values$/);
      expect(summary.error?.hint).toMatch(/pivot records on country in \('FR', 'DE'\)/);
      expect(await describeSql(text, { records })).toMatchObject({
        ok: false,
        message: "It is a pivot that does not name its values",
        hint: summary.error?.hint,
      });
    }
    const named = "pivot records on country in ('FR', 'DE') using sum(price)";
    expect(await describeSql(named, { records })).toMatchObject({ ok: true });
    const { got } = await query(
      sales.map(({ country, price }) => ({ country, price })),
      named,
    );
    expect(got).toEqual([{ FR: 8.5, DE: 2 }]);
  });

  it("says which columns there are", async () => {
    const { summary } = await query(sales, "select contry from records");
    expect(summary.error?.hint).toBe(
      "Did you mean country? The columns of records are: country, price, tags.",
    );
    // DuckDB's own tables are not what was meant.
    const misnamed = await query(sales, "select country from recrods");
    expect(misnamed.summary.error?.hint).toMatch(
      /^(?:Did you mean records\? )?The table is called records\. The columns of records are: /,
    );
  });

  it("has all records fail as onError says", async () => {
    const stage = { onError: "dead-letter" } as const;
    const { letters, summary } = await query(sales, "select contry from records", { stage });
    expect(summary).toMatchObject({ status: "partial", read: 3, deadLettered: 3 });
    expect(letters[0]).toMatchObject({ stage: "sql", error: { code: "CONFIG" } });
    const dropped = await query(sales, "select contry from records", { stage: { onError: "drop" } });
    expect(dropped.summary).toMatchObject({ status: "success", filtered: 3 });
  });

  it("has a record fail that is no row", async () => {
    const records = [{ n: 1 }, { n: "2" }, 3, { n: Number.NaN }, { n: 2.5 }];
    const stage = { onError: "dead-letter" } as const;
    const { got, letters, summary } = await query(records, "select sum(n) as n from records", { stage });
    expect(got).toEqual([{ n: 3.5 }]);
    expect(summary).toMatchObject({ status: "partial", delivered: 2, deadLettered: 3 });
    expect(letters.map(({ record, error }) => [record, error.message])).toEqual([
      [2, "n: a value of kind text, where the column has kind integer"],
      [3, "it is no object, and a table has columns"],
      [4, "n: NaN is no number that JSON has"],
    ]);
    const stopped = await query(records, "select sum(n) as n from records");
    expect(stopped.summary.status).toBe("failed");
  });

  it("has a row fail with a value that is no JSON, and with it all records", async () => {
    const text = "select unnest([1, 9007199254740993]) as big from records limit 2";
    const stage = { onError: "dead-letter" } as const;
    const { got, letters, summary } = await query(sales, text, { stage });
    expect(got).toEqual([{ big: 1 }]);
    expect(summary).toMatchObject({ status: "partial", read: 3, deadLettered: 3 });
    expect(letters[0]?.error.message).toMatch(/a row has big: 9007199254740993 is beyond/);
    expect((await query(sales, text)).summary.status).toBe("failed");
    const exact = "select max(9007199254740993)::varchar as big from records";
    expect((await query(sales, exact)).got).toEqual([{ big: "9007199254740993" }]);
  });

  it("is part of the hash, and records cannot be done again after it", async () => {
    const one = flow(fromIterable([{}])).operator(sql("from records"));
    const other = flow(fromIterable([{}])).operator(sql("from records limit 1"));
    expect(one.hash).not.toBe(other.hash);
    const given = flow(fromIterable([{}])).operator(
      sql("select $n as n from records", { parameters: { n: 5n } }),
    );
    expect(given.hash).toMatch(/^[\da-f]{64}$/);
    expect(one.stages).toEqual([{ id: "sql", kind: "operator", needsAll: true }]);
    const { letters } = await query([1], "from records", { stage: { onError: "dead-letter" } });
    await expect(planRedrive(one, letters)).rejects.toThrow(/"sql" needs all records/);
  });

  it("sums as a loop does, whatever comes", async () => {
    const record = fc.record({
      key: fc.constantFrom("a", "b", "c", null),
      n: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      ok: fc.option(fc.boolean(), { nil: undefined }),
    });
    const text = `select key, count(*) as n, sum(n) as total, count(ok) filter (ok) as ons
      from records group by key order by key nulls first`;
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 50 }), async (records) => {
        const groups = new Map<
          string | null,
          { key: string | null; n: number; total: number; ons: number }
        >();
        for (const { key, n, ok } of records) {
          const group = groups.get(key) ?? { key, n: 0, total: 0, ons: 0 };
          groups.set(key, {
            key,
            n: group.n + 1,
            total: group.total + n,
            ons: group.ons + (ok === true ? 1 : 0),
          });
        }
        const expected = [...groups.values()].sort((one, other) =>
          (one.key ?? "") < (other.key ?? "") ? -1 : 1,
        );
        const isOnKnown = records.some(({ ok }) => ok !== undefined);
        const asked = isOnKnown ? text : text.replace("count(ok) filter (ok)", "0");
        expect((await query(records, asked)).got).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it("gives every value back as it came, in order", async () => {
    const cell = fc.record(
      {
        text: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "5", "null", "a\0b", '"\\n')),
        number: fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.constantFrom(-0, 5e-324, 1e308),
        ),
        whole: fc.maxSafeInteger(),
        flag: fc.boolean(),
        nested: fc.array(
          fc.record({ a: fc.string(), b: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
        ),
        day: fc.constantFrom("1970-01-01", "1969-12-31", "2024-02-29"),
        at: fc.constantFrom("1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2024-03-31T02:30:00Z"),
      },
      { requiredKeys: [] },
    );
    const schema = z.object({
      text: z.string(),
      number: z.number(),
      whole: z.int(),
      flag: z.boolean(),
      nested: z.array(z.unknown()),
      day: z.iso.date(),
      at: z.iso.datetime(),
    });
    const none = { text: null, number: null, whole: null, flag: null, nested: null, day: null, at: null };
    const sameBack = fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 20 }), async (records) => {
      const fit = records.filter(({ text }) => text?.isWellFormed() !== false);
      const { got, summary } = await query(fit, "from records", { schema });
      expect(summary.error).toBeUndefined();
      // A zero below zero within JSON has no sign there.
      expect(got).toEqual(fit.map((record) => ({ ...none, ...record, ...inJson(record) })));
    });
    await fc.assert(sameBack, { numRuns: 40 });
  });

  it("gives many rows in their order, with room for no more than a chunk", async () => {
    function* records(): Generator<unknown> {
      for (let n = 0; n < 100_000; n++) yield { n };
    }
    const { got, summary } = await query(records(), "select n from records order by n desc");
    expect(got.length).toBe(100_000);
    expect(got.every((row, index) => (row as { n: number }).n === 99_999 - index)).toBe(true);
    expect(summary).toMatchObject({ status: "success", delivered: 100_000, emitted: 100_000 });
  });

  it("says so when there is no room to spill, and leaves no temporary files", async () => {
    const temporaryDirectory = mkdtempSync(join(directory, "temporary-"));
    function* records(): Generator<unknown> {
      for (let n = 0; n < 250_000; n++) yield { n, text: `${Math.sin(n)},${Math.cos(n)},${Math.sqrt(n)}` };
    }
    const text = "select text, count(*) as n from records group by text order by text desc";
    const limits = { memoryLimitMb: 24, threads: 1, temporaryDirectory };
    const { summary } = await query(records(), text, { ...limits, maxTemporaryMb: 1 });
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(summary.error?.hint).toMatch(/^Raise memoryLimitMb or maxTemporaryMb/);
    expect(readdirSync(temporaryDirectory)).toEqual([]);
  });

  it("is interrupted when the flow is cancelled", async () => {
    const temporaryDirectory = mkdtempSync(join(directory, "temporary-"));
    const text = "select count(*) as n from range(100000000000) t(n), records where t.n % 7 = 3";
    const run = flow(fromIterable([{ a: 1 }]))
      .operator(sql(text, { temporaryDirectory }))
      .start(toArray<unknown>([]));
    await expect.poll(() => readdirSync(temporaryDirectory).length).toBe(1);
    run.cancel();
    expect(await run.summary).toMatchObject({ status: "cancelled", read: 1, unfinished: 1 });
    expect(readdirSync(temporaryDirectory)).toEqual([]);
  });
});

it("checks options at once", () => {
  expect(() => sql(" ")).toThrow(/query must be a query/);
  expect(() => sql("from records", { memoryLimitMb: -1 })).toThrow(/memoryLimitMb/);
});
