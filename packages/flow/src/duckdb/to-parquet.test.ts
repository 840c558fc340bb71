import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flow, type FlowSummary, fromIterable, toArray } from "@atomic-agents/flow";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { fromParquet, toParquet, type ToParquetOptions } from "./index.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-sink-"));
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;

/** Of digits that nothing packs. */
function textOf(n: number): string {
  return Array.from({ length: 12 }, (_, index) => Math.sin(n * 13 + index)).join();
}

async function write(
  records: Iterable<unknown>,
  options: ToParquetOptions = {},
): Promise<{ name: string; path: string; summary: FlowSummary }> {
  const name = `out-${++count}.parquet`;
  const summary = await flow(fromIterable(records)).to(toParquet(name, { directory, ...options }));
  expect(summary.read).toBe(summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished);
  return { name, path: join(directory, name), summary };
}

async function back(name: string): Promise<unknown[]> {
  const got: unknown[] = [];
  await flow(fromParquet(name, { directory })).to(toArray(got));
  return got;
}

/** What DuckDB alone says of a file's columns. */
async function columnsOf(path: string): Promise<unknown> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await (await connection.run(`describe select * from '${path}'`)).getRows();
  connection.closeSync();
  instance.closeSync();
  return Object.fromEntries(rows.map(([name, type]) => [name, type]));
}

describe("toParquet", () => {
  it("gives back what was written", async () => {
    const records = [
      { id: 1, name: "a\0é😀", isNew: true, price: -0.5, tags: ["x", null], inner: { n: 1, deep: [{}] } },
      { id: 9007199254740991, name: "", isNew: false, price: 1e300, tags: [], inner: {} },
      { id: -9007199254740991, name: null, isNew: null, price: null, tags: null, inner: null },
    ];
    const { name, path, summary } = await write(records);
    expect(summary).toMatchObject({ status: "success", delivered: 3, published: true });
    expect(await back(name)).toEqual(records);
    expect(await columnsOf(path)).toEqual({
      id: "BIGINT",
      name: "VARCHAR",
      isNew: "BOOLEAN",
      price: "DOUBLE",
      tags: "JSON",
      inner: "JSON",
    });
  });

  it("widens whole numbers, and takes keys that come late or hold only null", async () => {
    const many = Array.from({ length: 40_000 }, (_, index) => {
      const late = index < 30_000 ? {} : { late: index };
      return { n: index < 35_000 ? index : index + 0.5, nothing: null, ...late };
    });
    const { name, path, summary } = await write(many);
    expect(summary.delivered).toBe(40_000);
    expect(await columnsOf(path)).toEqual({ n: "DOUBLE", nothing: "VARCHAR", late: "BIGINT" });
    expect(await back(name)).toEqual(many.map((record) => ({ late: null, ...record })));
  });

  it("keeps rows that have nothing but null, before others come", async () => {
    const records = [...Array.from({ length: 20_000 }, () => ({ a: null })), { a: 1 }];
    const { name } = await write(records);
    expect(await back(name)).toEqual(records);
  });

  it("refuses the record with a value that does not fit, and writes nothing of it", async () => {
    const records = [
      { id: 1, name: "a", on: true },
      { id: "2", name: "b" },
      { id: 3, name: 3 },
      { id: 4, other: 1, on: "yes" },
      { id: Number.NaN },
      { id: 6, big: 5n },
      { id: 7, name: "\uD800" },
      { id: 8, Name: "h" },
      { id: 9, x: 1, X: 2 },
      { id: 10, on: { a: 1 } },
      { id: 11, list: [Number.POSITIVE_INFINITY] },
      [12],
      null,
      { id: 13, name: undefined, on: false },
    ];
    const { name, path, summary } = await write(records);
    expect(summary).toMatchObject({ status: "partial", read: 14, delivered: 2, deadLettered: 12 });
    expect(await back(name)).toEqual([
      { id: 1, name: "a", on: true },
      { id: 13, name: null, on: false },
    ]);
    expect(Object.keys((await columnsOf(path)) as object)).toEqual(["id", "name", "on"]);
    expect(summary.deadLetters.map(({ error }) => error.message)).toEqual([
      "id: a value of kind text, where the column has kind integer",
      "name: a value of kind integer, where the column has kind text",
      "on: a value of kind text, where the column has kind boolean",
      "id: NaN is no number that JSON has",
      expect.stringMatching(/^big: .*bigint/),
      "name: has half of a surrogate pair, which is no text",
      "Name: differs from column name by case alone",
      "X: differs from column x by case alone",
      "on: a value of kind json, where the column has kind boolean",
      expect.stringMatching(/^list: .*Infinity/),
    ]);
  });

  it("has the columns that the schema says", async () => {
    const schema = z.object({
      day: z.iso.date(),
      at: z.iso.datetime({ offset: true }).nullable(),
      count: z.int(),
      ratio: z.number(),
      any: z.union([z.string(), z.number()]),
    });
    const good = [
      { day: "2024-02-29", at: "2024-03-31T02:30:00.123456+02:00", count: 1, ratio: 1, any: 1 },
      { day: "1969-12-31", at: "1969-12-31T23:59:59.5Z", count: -1, ratio: 0.5, any: "x" },
      { day: "2024-01-01", at: null, count: 0, ratio: 0, any: null },
    ];
    const bad = [
      { day: "2023-02-29" },
      { day: "2024-1-1" },
      // Nobody knows which moment that is.
      { at: "2024-03-31T02:30:00" },
      { at: "2024-02-30T00:00:00Z" },
      { count: 1.5 },
      { count: 2 ** 53 },
    ];
    const { name, path, summary } = await write([...good, ...bad], { schema });
    expect(await columnsOf(path)).toEqual({
      day: "DATE",
      at: "TIMESTAMP WITH TIME ZONE",
      count: "BIGINT",
      ratio: "DOUBLE",
      any: "JSON",
    });
    expect(await back(name)).toEqual([
      { ...good[0], at: "2024-03-31T00:30:00.123456Z" },
      { ...good[1], at: "1969-12-31T23:59:59.500Z" },
      good[2],
    ]);
    expect(summary).toMatchObject({ delivered: 3, deadLettered: 6 });
    const none = await write([], { schema });
    expect(Object.keys((await columnsOf(none.path)) as object)).toEqual([
      "day",
      "at",
      "count",
      "ratio",
      "any",
    ]);
  });

  it("fails where there are no columns, and leaves what was there", async () => {
    for (const records of [[], [{}, {}]]) {
      const { path, summary } = await write(records);
      expect(summary).toMatchObject({ status: "failed", published: false });
      expect(summary.error?.message).toBe("toParquet: a Parquet file has columns, and there are none");
      expect(existsSync(path)).toBe(false);
    }
  });

  it("takes any name as that of a column", async () => {
    const record = { 'a"b': 1, select: 2, "x; drop table records": 3, "ü ": 4 };
    expect(await back((await write([record])).name)).toEqual([record]);
  });

  it.each(["snappy", "zstd", "gzip", "none"] as const)("packs by %s", async (compression) => {
    const records = Array.from({ length: 5000 }, (_, n) => ({ n, text: "the same" }));
    const { name } = await write(records, { compression });
    expect(await back(name)).toEqual(records);
  });

  it("has its name when all is well, and not before", async () => {
    const path = join(directory, "it's here.parquet");
    writeFileSync(path, "before");
    chmodSync(path, 0o640);
    const failing = flow(fromIterable([{ n: 1 }, { n: 0 }])).map(({ n }) => {
      if (n === 0) throw new Error("zero");
      return { n };
    });
    const failed = await failing.to(toParquet(path));
    expect(failed).toMatchObject({ status: "failed", published: false });
    expect(readFileSync(path, "utf8")).toBe("before");
    await flow(fromIterable([{ n: 1 }])).to(toParquet(path));
    expect(readFileSync(path).subarray(0, 4).toString()).toBe("PAR1");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("spills to disk, and says so when there is no room", async () => {
    const temporaryDirectory = mkdtempSync(join(directory, "temporary-"));
    function* records(): Generator<unknown> {
      for (let n = 0; n < 400_000; n++) yield { n, text: textOf(n) };
    }
    const small = { memoryLimitMb: 128, threads: 1, temporaryDirectory };
    const { path, summary } = await write(records(), small);
    expect(summary).toMatchObject({ status: "success", delivered: 400_000 });
    expect(statSync(path).size).toBeGreaterThan(0);
    const full = await write(records(), { ...small, maxTemporaryMb: 1 });
    expect(full.summary).toMatchObject({ status: "failed", published: false });
    expect(full.summary.error?.message).toMatch(/^toParquet: .*(temp|offload|memory)/i);
    expect(full.summary.error?.hint).toMatch(/^Raise memoryLimitMb or maxTemporaryMb/);
    expect(existsSync(full.path)).toBe(false);
    expect(readdirSync(temporaryDirectory)).toEqual([]);
  });
});

it("checks options at once", () => {
  expect(() => toParquet("")).toThrow(/path must be a path/);
  // A wrong type, on purpose.
  expect(() => toParquet("x", { compression: "lzo" as "gzip" })).toThrow(/compression must be one of/);
});
