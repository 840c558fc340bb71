import { systemClock } from "@atomic-agents/core";
import { flow, type FlowSummary, fromIterable, toArray } from "@atomic-agents/flow";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "./index.ts";
import { RecordTable } from "./record-table.ts";
import { Session } from "./session.ts";
import { Unfit } from "./to-json.ts";
import { UnreadColumns } from "./unread-columns.ts";

type Values = Readonly<Record<string, unknown>>;

let sessions: readonly [Session, Session];
beforeAll(async () => {
  const { signal } = new AbortController();
  const open = (): Promise<Session> =>
    Session.open({ what: "test", options: { threads: 1 }, clock: systemClock, signal });
  sessions = [await open(), await open()];
});
afterAll(async () => {
  for (const session of sessions) await session.close();
});

/** What is wrong with a record. */
function refusalOf(table: RecordTable, record: unknown): string | undefined {
  try {
    table.add(record);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Unfit) return thrown.message;
    throw thrown;
  }
}

const names = ["a", "b", "c", "d"] as const;
const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  fc.constantFrom<unknown>(
    null,
    0.5,
    "text",
    "a longer text than the others",
    "\uD800",
    true,
    { x: 1 },
    Number.NaN,
  ),
);
const regular = fc.array(
  fc.record({ a: fc.integer({ max: 2, min: 0 }), b: fc.integer(), c: fc.string(), d: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 12,
  },
);
const odd = fc.array(fc.dictionary(fc.constantFrom(...names, "later"), value, { maxKeys: 5 }), {
  maxLength: 12,
});

const column = fc.constantFrom(...names);
/** Queries whose rows come in one order. */
const query = fc.oneof(
  fc
    .tuple(column, column)
    .map(([x, y]) => `select ${x} as x, count(${y}) as n from records group by all order by all`),
  fc
    .tuple(column, column)
    .map(([x, y]) => `with k as (from records) select ${x} from k where ${y} is not null order by all`),
  fc
    .tuple(column, column)
    .map(
      ([x, y]) =>
        `with k as materialized (select *, row_number() over () as r from records) select p.${x}, q.${y} from k p join k q on p.r = q.r + 1 order by p.r`,
    ),
  fc
    .tuple(column, column)
    .map(
      ([x, y]) =>
        `select ${x}, (select count(*) from records s where s.${y} = t.${y}) as n from records t order by rowid`,
    ),
  fc
    .tuple(column, column)
    .map(
      ([x, y]) =>
        `select ${x}::varchar as x from records union all select ${y}::varchar from records order by all`,
    ),
  column.map((x) => `select * exclude (${x}) from records order by rowid limit 5`),
  column.map((x) => `select lag(${x}) over (order by rowid) as before from records order by rowid`),
  column.map((x) => `select count(*) as n from (select *, ${x}::varchar as y from records) where y > '1'`),
  column.map(
    (x) => `select distinct ${x} from records where exists (from records where ${x} is null) order by all`,
  ),
  column.map((x) => `select y from (select ${x}, rowid as z from records) as t(y) order by z`),
  fc.constantFrom(
    "select count(*) as n from records",
    "from records order by rowid",
    "select r from records r order by rowid",
    "select b, rowid from records where rowid > 3 order by rowid",
    "select u from (select * from records p, records q order by p.rowid, q.rowid) as t(r, s, v, w, x, u)",
  ),
);

describe("columns that are not read", () => {
  it("make no difference to a query, nor to what records are rows", async () => {
    let left = 0;
    await fc.assert(
      fc.asyncProperty(query, regular, odd, regular, async (text, first, second, third) => {
        const [kept, pruned] = sessions.map(() => new RecordTable(undefined)) as [RecordTable, RecordTable];
        for (const session of sessions) await session.rows("drop table if exists records");
        const unread = new UnreadColumns("test", pruned, { sql: text, parameters: undefined });
        for (const [index, records] of [first, second, third].entries()) {
          for (const record of records) expect(refusalOf(pruned, record)).toBe(refusalOf(kept, record));
          if (index === 0) await unread.leaveOut(sessions[1]);
          await kept.flush(sessions[0]);
          await pruned.flush(sessions[1]);
        }
        expect(pruned.typedColumns).toEqual(kept.typedColumns);
        await kept.finish(sessions[0]);
        await pruned.finish(sessions[1]);
        await unread.check(sessions[1]);
        left += unread.names.length;
        expect(await sessions[1].rows(text)).toEqual(await sessions[0].rows(text));
      }),
      { numRuns: 150 },
    );
    expect(left).toBeGreaterThan(100);
  });

  it("have null in all rows of which they are not kept", async () => {
    const table = new RecordTable(undefined);
    await sessions[0].rows("drop table if exists records");
    table.add({ a: 1, b: "written before", c: null });
    await table.flush(sessions[0]);
    table.add({ a: 2, b: "not written", c: null });
    table.keepOnly(new Set(["a"]));
    table.add({ a: 3, b: null, c: "said later", d: "new" });
    table.add({ a: 4, b: "x" });
    await table.finish(sessions[0]);
    expect(await sessions[0].rows("select a, b, c, d from records")).toEqual([
      [1n, "written before", null, null],
      [2n, null, null, null],
      [3n, null, null, "new"],
      [4n, null, null, null],
    ]);
  });
});

/** Has a table written before all of it has come. */
const much = "x".repeat(3_000_000);

async function run(
  records: readonly Values[],
  text: string,
): Promise<{ readonly got: readonly unknown[]; readonly summary: FlowSummary }> {
  const got: unknown[] = [];
  const summary = await flow(fromIterable(records))
    .operator(sql(text), { onError: "dead-letter" })
    .to(toArray(got));
  return { got, summary };
}

describe("a stage of SQL that is written to in parts", () => {
  it("has wrong values fail in columns that it does not read", async () => {
    const records = [
      { a: 1, b: much, c: true },
      { a: 2, b: 3, c: true },
      { a: 3, b: "\uD800", c: true },
      { a: 4, b: "x", c: "no" },
      { a: 5, b: "x", c: false },
    ];
    const { got, summary } = await run(records, "select sum(a) as total, count(*) as n from records");
    expect(got).toEqual([{ total: 6, n: 2 }]);
    expect(summary.deadLetters.map(({ error }) => error.message)).toEqual([
      "b: a value of kind integer, where the column has kind text",
      "b: has half of a surrogate pair, which is no text",
      "c: a value of kind text, where the column has kind boolean",
    ]);
  });

  it("reads columns that come later", async () => {
    const records = [
      { a: 1, b: much },
      { a: 2, c: 7 },
      { a: 3, c: 0.5 },
    ];
    expect((await run(records, "select * exclude (b) from records")).got).toEqual([
      { a: 1, c: null },
      { a: 2, c: 7 },
      { a: 3, c: 0.5 },
    ]);
  });

  it("counts columns as they are in the end", async () => {
    const pairs = "select * from records p, records q order by p.rowid, q.rowid";
    const records = [
      { a: 1, b: 2, c: much },
      { a: 3, d: 4 },
    ];
    const { got } = await run(records, `select x, y from (${pairs}) as t(u, v, w, x, y, z)`);
    expect(got).toEqual([
      { x: null, y: 1 },
      { x: null, y: 3 },
      { x: 4, y: 1 },
      { x: 4, y: 3 },
    ]);
  });

  it("fails where columns that come later have it read what is not there any more", async () => {
    const text = "select v, w, z from (from records p, records q) as t(u, v, w, x, y, z)";
    const records = [
      { a: 1, b: 2, c: much },
      { d: 4, e: 5 },
    ];
    const { got, summary } = await run(records, text);
    expect(got).toEqual([]);
    expect(summary.deadLetters[0]?.error).toMatchObject({
      code: "EXECUTION",
      message: 'sql, stage "sql": a: read since other columns have come, and not kept before',
    });
  });
});
