import { systemClock } from "@atomic-agents/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lastingReadColumns, readColumns, type TypedColumn } from "./read-columns.ts";
import { Session } from "./session.ts";

const columns: readonly TypedColumn[] = [
  { name: "id", type: "BIGINT" },
  { name: "user", type: "VARCHAR" },
  { name: "country", type: "VARCHAR" },
  { name: "price", type: "DOUBLE" },
  { name: 'we,i"rd ', type: "VARCHAR" },
  { name: "json", type: "JSON" },
];
const names = columns.map(({ name }) => name);

let session: Session;
beforeAll(async () => {
  const { signal } = new AbortController();
  session = await Session.open({ what: "test", options: {}, clock: systemClock, signal });
});
afterAll(() => session.close());

async function readBy(sql: string, parameters?: readonly (string | number)[]): Promise<unknown> {
  const read = await lastingReadColumns(session, { sql, parameters }, columns);
  return read && [...read].toSorted();
}

describe("lastingReadColumns", () => {
  it.each([
    ["select country from records", ["country"]],
    ["select count(*) from records", []],
    ["select 1 from records where id > 3 and price < 2 -- all", ["id", "price"]],
    ["with k as (from records) select country, sum(price) from k group by all;", ["country", "price"]],
    ["with k as materialized (from records) select a.id from k a, k b where a.price = b.id", ["id", "price"]],
    ["select a.id from records a join records b on a.price = b.id", ["id", "price"]],
    [
      "select id, (select max(price) from records b where b.country = a.country) from records a",
      ["country", "id", "price"],
    ],
    ["select country from records where exists (select 1 from records b where b.id = 3)", ["country", "id"]],
    ["select id from records union all select price from records", ["id", "price"]],
    [
      "with recursive r as (select id from records union all select id + 1 from r where id < 3) from r",
      ["id"],
    ],
    ["select rowid, id from records order by rowid", ["id"]],
    ["select lag(id) over (order by price) as before from records", ["id", "price"]],
    ["select id from records using sample 2", ["id"]],
    ["select columns('p.*') from records", ["price"]],
    ["select * exclude (json) from records", names.filter((name) => name !== "json").toSorted()],
    ["unpivot (select id, price from records) on price", ["id", "price"]],
    ["pivot records on country in ('FR') using sum(price) group by id", ["country", "id", "price"]],
    ["select json->>'$.a' as a from records", ["json"]],
    ['select "we,i""rd " from records', ['we,i"rd ']],
    ["with records as (select 1 as x) select x from records", []],
    ["select r from records r", names.toSorted()],
    ["from query_table('records')", names.toSorted()],
    ["select id from records, range(3)", ["id"]],
    ["select id from range(3) positional join records", ["id"]],
  ])("of %s", async (sql, expected) => {
    expect(await readBy(sql)).toEqual(expected);
  });

  it("binds parameters", async () => {
    expect(await readBy("select id from records where price > ?", [3])).toEqual(["id", "price"]);
  });

  it.each([
    ["wrong SQL", "select nothing from records"],
    ["no SQL", "selec"],
    ["several statements", "select id from records; select price from records"],
    ["what is no query", "delete from records"],
    ["what is analysed", "analyze select id from records"],
    ["a query whose columns come of values", "pivot records on country using sum(price) group by id"],
    ["a table by its whole name", "select id from memory.main.records"],
    ["what else is read", "select id from records where id in (select oid from duckdb_tables())"],
    ["files", "select id from records, 'package.json'"],
    [
      "names by place, beyond where columns may come",
      "select l from (from records a, records b) as t(a, b, c, d, e, f, g, h, i, j, k, l)",
    ],
    ["names by place", "select a from (from records) as t(a)"],
  ])("says nothing of %s", async (_, sql) => {
    expect(await readBy(sql)).toBeUndefined();
  });

  it("says nothing where a name has more than one line", async () => {
    const lines = [...columns, { name: "id\nuser", type: "VARCHAR" }];
    const query = { sql: 'select "id\nuser" from records', parameters: undefined };
    expect(await lastingReadColumns(session, query, lines)).toBeUndefined();
  });

  it("leaves the session as it was", async () => {
    await readBy("select id from records");
    await readBy("select nothing from records");
    expect(await session.rows("select current_setting('disabled_optimizers')")).toEqual([[""]]);
    expect(await session.rows("select table_name from duckdb_tables()")).toEqual([]);
  });
});

describe("readColumns", () => {
  it("says it also where it could become others", async () => {
    const sql = "select a from (from records) as t(a)";
    const read = await readColumns(session, { sql, parameters: undefined }, columns);
    expect(read).toEqual(new Set(["id"]));
  });
});
