import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { flow, type FlowSummary, fromIterable, type Source, toArray } from "@atomic-agents/flow";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { describeParquet, describeSql, fromDuckDb, fromParquet, sql as query } from "./index.ts";

const directory = mkdtempSync(join(tmpdir(), "duckdb-sources-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Has DuckDB alone write a file. */
async function write(name: string, sql: string, more = ""): Promise<string> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const path = join(directory, name);
  await connection.run(`copy (${sql}) to '${path}' (format parquet${more})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

async function read(source: Source<unknown>): Promise<{ got: unknown[]; summary: FlowSummary }> {
  const got: unknown[] = [];
  const summary = await flow(source).to(toArray(got));
  expect(summary.read).toBe(summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished);
  return { got, summary };
}

async function valueOf(expression: string): Promise<unknown> {
  const { got, summary } = await read(fromDuckDb({ sql: `select ${expression} as v` }));
  const [row] = got as { v: unknown }[];
  return row === undefined ? (summary.error ?? summary.deadLetters[0]?.error)?.message : row.v;
}

describe("values", () => {
  it.each([
    ["true", true],
    ["1::utinyint", 1],
    ["9007199254740991::bigint", 9007199254740991],
    ["(-9007199254740991)::hugeint", -9007199254740991],
    ["1.50::decimal(10, 2)", 1.5],
    ["-0.07::decimal(4, 2)", -0.07],
    ["0.1::decimal(38, 30)", 0.1],
    ["1e300::double", 1e300],
    ["'a' || chr(0) || 'é😀'", "a\0é😀"],
    ["date '2024-02-29'", "2024-02-29"],
    ["date '0001-01-01'", "0001-01-01"],
    // There is no such moment in Berlin, and none is made of it.
    ["timestamp '2024-03-31 02:30:00'", "2024-03-31T02:30:00"],
    ["timestamp '1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"],
    ["timestamp_ns '2024-03-31 02:30:00.123456789'", "2024-03-31T02:30:00.123456789"],
    ["timestamp_ms '2024-03-31 02:30:00.12'", "2024-03-31T02:30:00.120"],
    ["timestamp_s '2024-03-31 02:30:01'", "2024-03-31T02:30:01"],
    ["timestamptz '2024-03-31 02:30:00+01'", "2024-03-31T01:30:00Z"],
    ["timestamptz '2024-03-31 01:59:59 Europe/Berlin'", "2024-03-31T00:59:59Z"],
    ["timestamptz '2024-03-31 03:00:00 Europe/Berlin'", "2024-03-31T01:00:00Z"],
    // Of the hour that comes twice in October, one is not the other.
    ["timestamptz '2024-10-27 00:30:00Z' - timestamptz '2024-10-26 23:30:00Z'", "PT3600S"],
    // A text without a zone is one of UTC, wherever this runs.
    ["timestamptz '2024-07-01 12:00:00'", "2024-07-01T12:00:00Z"],
    ["time '10:20:30.5'", "10:20:30.500"],
    ["timetz '10:20:30+05:30'", "10:20:30+05:30"],
    ["interval '1 month 2 days -1.5 seconds'", "P1M2DT-1.500S"],
    ["'\\x00\\xFF'::blob", "AP8="],
    ["uuid '00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"],
    ["'10'::bit", "10"],
    ["'b'::enum('a', 'b')", "b"],
    ["null", null],
    ["[1::bigint, null, 3]", [1, null, 3]],
    ["{'a': 1.5::decimal(3, 1), 'b': [date '2024-01-01']}", { a: 1.5, b: ["2024-01-01"] }],
    ["map {'a': 1, 'b': null}", { a: 1, b: null }],
    ["map {1: 'x'}", [{ key: 1, value: "x" }]],
    ["[1, 2]::int[2]", [1, 2]],
    ["union_value(k := 5::bigint)", 5],
    ["json('{\"a\": [1, null]}')", { a: [1, null] }],
    ["sum(x)", 6],
  ])("gives %s as JSON", async (expression, expected) => {
    expect(
      await valueOf(expression === "sum(x)" ? "(select sum(x) from (values (1), (5)) t(x))" : expression),
    ).toEqual(expected);
  });

  it.each([
    ["9007199254740993::bigint", /v: 9007199254740993 is beyond what a number holds exactly/],
    ["9223372036854775807::ubigint", /9223372036854775807 is beyond/],
    ["'NaN'::double", /v: NaN is no number that JSON has/],
    ["[1e0, '-inf'::double]", /v: at 1: -Infinity is no number/],
    ["{'a': 'inf'::float}", /v: at a: Infinity/],
    ["1234567890123456.789::decimal(38, 3)", /1234567890123456.789 has more digits/],
    ["'infinity'::timestamp", /infinity is no point in time/],
    ["'-infinity'::date", /infinity is no point in time/],
    ["map {'__proto__': 1}", /a key __proto__/],
  ])("refuses %s as a record", async (expression, message) => {
    const { got, summary } = await read(fromDuckDb({ sql: `select 'x' as id, ${expression} as v` }));
    expect(got).toEqual([]);
    expect(summary).toMatchObject({ status: "partial", read: 1, deadLettered: 1 });
    expect(summary.deadLetters[0]?.error.message).toMatch(message);
    expect(summary.deadLetters[0]?.input).toContain('"id":"x"');
  });

  it("gives exact texts where the schema says string", async () => {
    const schema = z.object({
      big: z.string(),
      price: z.string(),
      list: z.array(z.string()),
      inner: z.object({ n: z.string().nullable() }),
      small: z.number(),
    });
    const sql = `select 9007199254740993 as big, 1.10::decimal(38, 2) as price, [9007199254740993] as list,
      {'n': 170141183460469231731687303715884105727::hugeint} as inner, 1::bigint as small`;
    const { got } = await read(fromDuckDb({ sql, schema }));
    expect(got).toEqual([
      {
        big: "9007199254740993",
        price: "1.10",
        list: ["9007199254740993"],
        inner: { n: "170141183460469231731687303715884105727" },
        small: 1,
      },
    ]);
  });
});

describe("fromDuckDb", () => {
  it("binds parameters and never splices them", async () => {
    const evil = "'; drop table x; --";
    const byName = await read(fromDuckDb({ sql: "select $a as a, $b as b", parameters: { a: evil, b: 5 } }));
    expect(byName.got).toEqual([{ a: evil, b: 5 }]);
    const inOrder = await read(fromDuckDb({ sql: "select ? as a, ? as b", parameters: [null, true] }));
    expect(inOrder.got).toEqual([{ a: null, b: true }]);
    // Of what kind a column is may be known by them alone.
    const typed = await read(fromDuckDb({ sql: "from range(?) t(n) where n % ? = 0", parameters: [3, 2] }));
    expect(typed.got).toEqual([{ n: 0 }, { n: 2 }]);
    const missing = await read(fromDuckDb({ sql: "select $a as a, $b as b", parameters: { a: 1 } }));
    expect(missing.summary.status).toBe("failed");
    expect(missing.summary.error?.message).toMatch("There is no parameter b");
  });

  it.each([
    ["selec 1", "CONFIG", /^fromDuckDb: line 1, column 1: syntax error at or near "selec"/],
    [
      "select 1 as a,\n  contry\nfrom (select 1 as country)",
      "CONFIG",
      /line 2, column 3: .*"contry" not found/,
    ],
    ["select * from nowhere", "CONFIG", /line 1, column 15: Table with name nowhere does not exist/],
    ["select 1 as a; select 2 as b", "CONFIG", /has 2 statements/],
    ["create table t (a int)", "CONFIG", /is no query/],
    ["select 1 as a, 2 as a", "CONFIG", /two columns called a/],
    ["select 'x'::int as a", "EXECUTION", /Could not convert string 'x' to INT32/],
    ["select * from 'https://example.org/x.parquet'", "CONFIG", /requires the extension httpfs/],
  ] as const)("says what is wrong with %j", async (sql, code, message) => {
    const { summary } = await read(fromDuckDb({ sql }));
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(summary.error?.code).toBe(code);
    expect(summary.error?.message).toMatch(message);
  });

  it("says which columns may have been meant", async () => {
    const { summary } = await read(fromDuckDb({ sql: "select contry from (select 1 as country)" }));
    expect(summary.error?.hint).toBe("Did you mean country?");
  });

  it("fails when something fails after rows have come", async () => {
    const sql = "select case when n = 500000 then error('late') else n end as n from range(1000000) t(n)";
    const { got, summary } = await read(fromDuckDb({ sql }));
    expect(got.length).toBeGreaterThan(0);
    expect(summary).toMatchObject({ status: "failed", published: false });
    expect(summary.error?.message).toBe("fromDuckDb: late");
  });

  it("gives all rows in their order, also where the last chunk is full", async () => {
    for (const count of [0, 1, 2047, 2048, 2049, 4096, 100_000]) {
      const sql = `select n from range(${count}) t(n) order by hash(n)`;
      const plain = await read(fromDuckDb({ sql: `select n from (${sql})` }));
      expect(plain.summary).toMatchObject({ status: "success", read: count });
      expect(new Set(plain.got.map((row) => (row as { n: number }).n)).size).toBe(count);
    }
    const { got } = await read(
      fromDuckDb({ sql: "select n from range(300000) t(n) order by n desc -- down;\n;" }),
    );
    expect(got.every((row, index) => (row as { n: number }).n === 299_999 - index)).toBe(true);
  });

  it.each([
    [
      "comment.csv",
      "a,b\n1,2\n#3,4\n",
      [
        { a: "1", b: 2 },
        { a: "#3", b: 4 },
      ],
    ],
    ["semicolon[1].csv", 'a;"b;,,"\n1,5;2\n', [{ a: "1,5", "b;,,": 2 }]],
    ["tab?.tsv", "a\tb\n1\t2\n", [{ a: 1, b: 2 }]],
    ["packed.csv.gz", gzipSync("\na|b\n1|2\n"), [{ a: 1, b: 2 }]],
    ["blank.csv", "\n\na,b\nx,y\n\n", [{ a: "x", b: "y" }]],
    ["ragged.csv", "a,b\n1\n2,3\n4,5\n", /ragged\.csv/],
    ["wide.csv", "a,b\n1,2,3\n4,5\n6,7\n", /wide\.csv/],
    ["broken.csv.gz", "a,b\n1,2\n", /broken\.csv\.gz/],
  ])("reads all rows of %j, or none", async (name, bytes, wanted) => {
    writeFileSync(join(directory, name), bytes);
    const tables = { t: name };
    const { got, summary } = await read(
      fromDuckDb({ sql: "from t", tables, directory, allowedDirectories: [] }),
    );
    if (!(wanted instanceof RegExp)) expect(got).toEqual(wanted);
    else expect([got, summary.error?.message]).toEqual([[], expect.stringMatching(wanted)]);
  });

  it("refuses pipes that it is named, for which DuckDB would wait without an end", async () => {
    for (const name of ["pipe.jsonl", "pipe.csv", "pipe.parquet"])
      execFileSync("mkfifo", [join(directory, name)]);
    const errorOf = async (source: Source<unknown>) => (await read(source)).summary.error?.message;
    for (const sql of [
      "from read_json('pipe.jsonl')",
      'select 1, * from "pipe.csv"',
      "from 'pipe.parquet'",
      "from read_csv($$pipe.csv$$)",
      `from read_csv('file://${directory}/pipe.csv')`,
    ]) {
      const [name = ""] = /[^'"$]*pipe\.\w+/.exec(sql) ?? [];
      const text = `sql must be SQL that reads files, and no pipes, got "${name}"`;
      expect(await errorOf(fromDuckDb({ sql, directory }))).toBe(`fromDuckDb: ${text}`);
      const records = fromIterable([{ a: 1 }]);
      const summary = await flow(records)
        .operator(query(sql, { directory }), { id: "ask", onError: "stop" })
        .to(toArray<unknown>([]));
      expect(summary.error?.message).toBe(`sql, stage "ask": ${text}`);
      expect(await describeSql(sql, { directory })).toMatchObject({ ok: false, offset: sql.search(/['"$]/) });
    }
    const asked = { sql: "from read_csv($file)", parameters: { file: "pipe.csv" }, directory };
    expect(await errorOf(fromDuckDb(asked))).toBe(
      'fromDuckDb: parameters.file must be the name of a file, and of no pipe, got "pipe.csv"',
    );
    expect(await describeSql(asked.sql, asked)).toMatchObject({ ok: false, offset: undefined });
    const tables = { t: "pipe.csv" };
    expect(await errorOf(fromDuckDb({ sql: "from t", tables, directory }))).toBe(
      'fromDuckDb: tables.t must be files, and no pipes, got "pipe.csv"',
    );
    expect(await errorOf(fromParquet("*.parquet", { directory }))).toBe(
      'fromParquet: path must be files, and no pipes, got "pipe.parquet"',
    );
    expect(await describeParquet([join(directory, "pipe.parquet")])).toMatchObject({ ok: false });
    for (const name of ["pipe.jsonl", "pipe.csv", "pipe.parquet"]) rmSync(join(directory, name));
  });

  it("tells of a table's file that is not there what it is called", async () => {
    const { summary } = await read(fromDuckDb({ sql: "from t", tables: { t: "none.csv" }, directory }));
    expect(summary.error?.message).toMatch(/^fromDuckDb: tables\.t must be the name of a file that exists/);
  });

  it("reads a database without changing it, and lets go of it", async () => {
    const path = join(directory, "sales.db");
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run("create table sales as select range as id from range(3)");
    connection.closeSync();
    instance.closeSync();
    const before = readFileSync(path);
    const options = { database: "sales.db", directory, sql: "from sales" };
    expect((await read(fromDuckDb(options))).got).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
    expect(readFileSync(path).equals(before)).toBe(true);
    const missing = await read(fromDuckDb({ ...options, database: "none.db" }));
    expect(missing.summary.error?.message).toMatch(/none\.db/);
  });

  it("is interrupted when the flow ends, and leaves no temporary files", async () => {
    const temporaryDirectory = mkdtempSync(join(directory, "temporary-"));
    const sql = "select count(*) as n from range(100000000000) t(n) where n % 7 = 3";
    const run = flow(fromDuckDb({ sql, temporaryDirectory })).start(toArray<unknown>([]));
    await new Promise((resolve) => setImmediate(resolve));
    run.cancel();
    const summary = await run.summary;
    expect(summary.status).toBe("cancelled");
    await expect.poll(() => readdirSync(temporaryDirectory)).toEqual([]);
  });
});

describe("fromParquet", () => {
  let sales: string;
  beforeAll(async () => {
    const sql = `select range as id, case when range % 2 = 0 then 'DE' else 'FR' end as country,
      range / 4 as price from range(10000)`;
    sales = await write("sales.parquet", sql, ", row_group_size 2048");
  });

  it("reads the columns and rows that are asked for", async () => {
    const columns = ["price", "id"];
    const options = {
      columns,
      where: "id >= $min and country = $c -- late",
      parameters: { min: 9997, c: "DE" },
    };
    const { got, summary } = await read(fromParquet(sales, options));
    expect(got).toEqual([{ price: 2499.5, id: 9998 }]);
    expect(Object.keys(got[0] as object)).toEqual(columns);
    expect(summary).toMatchObject({ status: "success", read: 1 });
  });

  it("tells how many there are", async () => {
    const run = flow(fromParquet("sales.parquet", { directory })).start(toArray<unknown>([]));
    await run.summary;
    expect(run.progress().ratio).toBe(1);
  });

  it("reads the files of a pattern in the order of their names, whatever those are", async () => {
    await write("part-[2]*.parquet", "select 2 as n, 'x' as extra");
    await write("part-1.parquet", "select 1 as n");
    const { got } = await read(fromParquet("part-*.parquet", { directory }));
    expect(got).toEqual([
      { n: 1, extra: null },
      { n: 2, extra: "x" },
    ]);
    const exact = await read(fromParquet("part-[2]*.parquet", { directory }));
    expect(exact.got).toEqual([{ n: 2, extra: "x" }]);
  });

  it("fails for what is cut, corrupt or no Parquet, and its books balance", async () => {
    const whole = readFileSync(
      await write("whole.parquet", "select range as a, md5(range::text) as b from range(400000)"),
    );
    const corrupt = Buffer.from(whole);
    corrupt.fill(0xff, Math.floor(whole.length * 0.6), Math.floor(whole.length * 0.6) + 5000);
    const files = { cut: whole.subarray(0, whole.length >> 1), corrupt, empty: Buffer.alloc(0) };
    for (const [name, bytes] of Object.entries(files)) {
      writeFileSync(join(directory, `${name}.bad`), bytes);
      for (const options of [{ directory }, { directory, where: "a >= 0" }]) {
        const { summary } = await read(fromParquet(`${name}.bad`, options));
        expect(summary).toMatchObject({ status: "failed", published: false });
        expect(summary.error?.code).toBe("VALIDATION_INPUT");
        expect(summary.error?.message).toMatch(new RegExp(`^${name}\\.bad: .{20}`));
      }
    }
  });

  it.each([
    [{ where: "contry = 'DE'" }, /^fromParquet: line 1, column 1: .*"contry" not found/],
    [{ columns: ["contry"] }, /columns must be columns that there are \(id, country, price\), got "contry"/],
    [{ where: "id = 1)" }, /syntax error|Parser/],
    [{ where: "id = $1" }, /There is no parameter 1/],
  ])("says what is wrong with %j", async (options, message) => {
    const { summary } = await read(fromParquet(sales, options));
    expect(summary.status).toBe("failed");
    expect(summary.error?.message).toMatch(message);
  });

  it("says which columns there are", async () => {
    const { summary } = await read(fromParquet(sales, { where: "contry = 'DE'" }));
    expect(summary.error?.hint).toBe("Did you mean country? The columns of records are: id, country, price.");
  });

  it("checks what it reads by the schema", async () => {
    const schema = z.object({ id: z.number().max(9997), country: z.string() });
    const { got, summary } = await read(fromParquet(sales, { schema, where: "id > 9995" }));
    expect(got).toEqual([
      { id: 9996, country: "DE" },
      { id: 9997, country: "FR" },
    ]);
    expect(summary).toMatchObject({ read: 4, delivered: 2, deadLettered: 2 });
  });
});

it("checks options at once", () => {
  expect(() => fromDuckDb({ sql: "" })).toThrow(/sql must be a query/);
  expect(() => fromDuckDb({ sql: "select 1", threads: 0 })).toThrow(/threads must be a whole number/);
  expect(() => fromDuckDb({ sql: "select 1", parameters: { a: Number.NaN } })).toThrow(/parameters\.a/);
  expect(() => fromParquet("x.parquet", { columns: [] })).toThrow(/columns must be names/);
  expect(() => fromParquet("x.parquet", { parameters: [1] })).toThrow(/there is no where/);
  expect(flow(fromIterable([1]))).toBeDefined();
});
