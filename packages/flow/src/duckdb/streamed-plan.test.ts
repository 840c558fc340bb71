import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@atomic-agents/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileTables } from "./file-tables.ts";
import { RowStream } from "./row-stream.ts";
import { Session } from "./session.ts";
import { isStreamed } from "./streamed-plan.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-streamed-"));
const count = 200_000;
let session: Session;

async function open(threads: number): Promise<Session> {
  const { signal } = new AbortController();
  const tables = await fileTables("test", { lines: "lines.jsonl" }, directory);
  return Session.open({ what: "test", options: { threads }, clock: systemClock, signal, tables, directory });
}

beforeAll(async () => {
  const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`);
  writeFileSync(join(directory, "lines.jsonl"), lines.join(""));
  session = await open(2);
});
afterAll(async () => {
  await session.close();
  rmSync(directory, { recursive: true });
});

describe("isStreamed", () => {
  it.each([
    ["from lines", true],
    ["select n + 1 as n from 'lines.jsonl' where n > 3", true],
    ["from range(5) union all from range(5)", true],
    ["from lines limit 5", true],
    ["select n, count(*) as c from lines group by n", false],
    ["from lines union all select count(*) from lines", false],
    ["from lines order by n", false],
    ["select n, sum(n) over () as s from lines", false],
    ["from lines join 'lines.jsonl' using (n)", false],
    ["with recursive r as (select 1 as a union all select a + 1 from r where a < 5) from r", false],
  ])("says of %s: %s", async (sql, expected) => {
    await session.do(async (connection) => {
      expect(await isStreamed(connection, sql, undefined)).toBe(expected);
    });
  });
});

describe("a query with many rows", () => {
  it.each([
    ["one that is read in order", "select n, $a as a from lines", 1n],
    ["one that has to gather rows", "select n, $a as a from lines order by n", 2n],
  ])("of %s gives all of them, by as many threads as are of use", async (_, sql, threads) => {
    const own = await open(2);
    const stream = await RowStream.open(own, { what: "test", sql, parameters: { a: "x" }, isLast: true });
    let next = 0;
    for (let rows = await stream.next(); rows !== undefined; rows = await stream.next()) {
      for (const row of rows) expect(row).toEqual({ n: next++, a: "x" });
    }
    expect(next).toBe(count);
    expect(await own.rows("select current_setting('threads')")).toEqual([[threads]]);
    await own.close();
  });

  it("can be left off while it is asked how its rows come", async () => {
    const own = await open(2);
    const stream = await RowStream.open(own, { what: "test", sql: "from lines", isLast: true });
    for (let chunks = 0; chunks < 32; chunks++) await stream.next();
    await own.close();
    await expect(stream.next()).rejects.toThrow("the session is closed");
  });
});
