import { systemClock } from "@atomic-agents/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OverflowTable } from "./overflow-table.ts";
import { Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  const { signal } = new AbortController();
  session = await Session.open({ what: "test", options: {}, clock: systemClock, signal });
});
afterAll(() => session.close());

const columns = [
  { name: "key", kind: "text" },
  { name: "number", kind: "number" },
] as const;

test("rows are numbered as they come, also those that come while others are written", async () => {
  const table = new OverflowTable("rows", columns);
  await session.rows(table.setUp);
  const count = 40_000;
  let put = 0;
  const writing: Promise<void>[] = [];
  for (; put < count; put++) {
    table.put(put % 3 === 0 ? undefined : `key ${put} and some more`, put % 5 === 0 ? undefined : put / 2);
    if (!table.isFull) continue;
    await Promise.all(writing.splice(0));
    writing.push(table.flush(session));
  }
  await Promise.all(writing);
  await table.finish(session);
  await table.finish(session);
  const wrong = `select count(*) from rows where key is distinct from case when n % 3 <> 0 then 'key ' || n || ' and some more' end
    or number is distinct from case when n % 5 <> 0 then n / 2 end`;
  expect(await session.rows("select count(*), count(distinct n), max(n) from rows")).toEqual([
    [BigInt(count), BigInt(count), BigInt(count - 1)],
  ]);
  expect(await session.rows(wrong)).toEqual([[0n]]);
});

test("a value that DuckDB would keep as another one is refused", async () => {
  const table = new OverflowTable("others", columns);
  expect(() => table.put("half a pair: \uD83D", 1)).toThrow(/^key: .* is no value of it$/);
  expect(() => table.put("a", Number.NaN)).toThrow(/^number: NaN is no value of it$/);
});

test("a session that is closed lets go of the rows that are not written", async () => {
  const { signal } = new AbortController();
  const other = await Session.open({ what: "test", options: {}, clock: systemClock, signal });
  const table = new OverflowTable("entries", columns);
  await other.rows(table.setUp);
  table.put("a", 1);
  await table.flush(other);
  await other.close();
  await expect(table.flush(other)).resolves.toBeUndefined();
});
