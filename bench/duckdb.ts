/**
 * What DuckDB does for flows, in CPU time of the whole process, each contender in a process of its own, in turns:
 *
 *     node bench/duckdb.ts          # the job of 1,000,000 records
 *     node bench/duckdb.ts memory   # 10,000,000 rows, 1,000,000 groups, in 256 MB
 *
 * The job reads JSON lines, computes, filters, writes what is kept and its groups. "plain" is DuckDB alone, which takes
 * `"2"` for a number and counts nothing. "pushed down" is `runSql`, which counts every line, checks the contract, and makes dead
 * letters of the lines that break it; 0.7 x plain is asked of it. "sql stage" has the records come
 * from DuckDB, pass an agent, a stage of SQL and another agent, and be written by the flow. What is "by hand" is a floor: DuckDB's
 * client alone, with as much counting and checking, or with as many objects; and the job in a loop without DuckDB, which tells how fast
 * JavaScript is beside DuckDB on the machine.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineAgent } from "@atomic-agents/core";
import { flow, fromIterable, toDeadLetters, toFile } from "@atomic-agents/flow";
import { duckDb, fromDuckDb, runSql, sql } from "@atomic-agents/flow/duckdb";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import * as z from "zod";
import { machineLine } from "./machine.ts";
import { median } from "./statistics.ts";

const recordCount = 1_000_000;
const rounds = 7;
const memoryRows = 10_000_000;

const Sale = z.object({
  id: z.int(),
  user: z.string().min(1),
  country: z.string().length(2),
  product: z.string(),
  quantity: z.int().min(1),
  price: z.number().nonnegative(),
  note: z.string(),
});

const typed = `columns = {id: 'BIGINT', user: 'VARCHAR', country: 'VARCHAR', product: 'VARCHAR', quantity: 'BIGINT',
  price: 'DOUBLE', note: 'VARCHAR'}`;
const groups = `select country, product, count(*) as count, sum(total) as total from kept group by all order by all`;

type Contender = (from: string, to: string) => Promise<number>;

async function withDuckDb(
  work: (
    run: (text: string) => Promise<readonly (readonly unknown[])[]>,
    connection: DuckDBConnection,
  ) => Promise<number>,
  threads = 2,
): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
  const connection = await instance.connect();
  const result = await work(async (text) => (await connection.run(text)).getRows(), connection);
  connection.closeSync();
  instance.closeSync();
  return result;
}

const plainOn =
  (threads: number): Contender =>
  (from, to) =>
    withDuckDb(async (run) => {
      await run(`create table kept as
        select * from (
          select id, user, country, product, round(quantity * price * 100) / 100 as total
          from read_json('${from}', format = 'newline_delimited', ${typed})
          where quantity >= 1
        ) where total > 50`);
      await run(`copy kept to '${to}' (format json)`);
      await run(`copy (${groups}) to '${to}.groups' (format json)`);
      const [row] = await run("select count(*) from kept");
      return Number(row?.[0]);
    }, threads);

/** What someone would write by hand who counts and checks as `runSql` does, for this one schema and without its other promises. */
const checkedByHand: Contender = (from, to) =>
  withDuckDb(async (run) => {
    const isText = (name: string): string =>
      `case when ${name} >= 'a' and ${name} < 'f' or ${name} >= 'g' and ${name} < 't' or ${name} >= 'u' and ${name} < '{'
        or ${name} >= 'A' and ${name} < 'I' or ${name} >= 'O' and ${name} < '[' then true
        else ${name} not in ('true', 'false', 'NaN', 'Infinity') and ${name}[1] not in ('[', '{')
          and try_cast(${name} as double) is null end`;
    const read = typed.replaceAll("BIGINT", "JSON").replace("DOUBLE", "JSON");
    await run(`create table seen as select id, "user", country, product, total, case when not ok then n end as n from (
      select *, round(quantity * price * 100) / 100 as total, row_number() over () as n from (
        select *, coalesce(id = trunc(id) and quantity = trunc(quantity) and quantity >= 1 and price >= 0
          and "user" <> '' and length(country) = 2
          and ${["country", "product", "note", '"user"'].map(isText).join(" and ")}, false) as ok
        from (select "user", country, product, note, try_cast(id::varchar as double) as id,
          try_cast(quantity::varchar as double) as quantity, try_cast(price::varchar as double) as price
          from read_json('${from}', format = 'newline_delimited', ignore_errors = true, ${read}))
      )) where not ok or total > 50`);
    const rejected = await run("select n from seen where n is not null order by all");
    writeFileSync(
      `${to}.letters.jsonl`,
      lettersByHand(
        from,
        rejected.map(([n]) => Number(n)),
      ),
    );
    await run("create view kept as select * exclude (n) from seen where n is null");
    await run(`copy (from kept) to '${to}' (format json)`);
    await run(`copy (${groups}) to '${to}.groups' (format json)`);
    const [row] = await run("select count(*) from kept");
    return Number(row?.[0]);
  }, 1);

function lettersByHand(from: string, wanted: readonly number[]): string {
  const file = openSync(from, "r");
  const buffer = Buffer.allocUnsafe(262_144);
  const letters: string[] = [];
  let [line, at, byteOffset, held] = [0, 0, 0, 0];
  for (;;) {
    const length = held + readSync(file, buffer, held, buffer.length - held, null);
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0 && end < length; end = buffer.indexOf(10, start)) {
      line++;
      if (line === wanted[at]) {
        at++;
        const input: unknown = JSON.parse(buffer.toString("utf8", start, end));
        const { error } = Sale.safeParse(input);
        const place = { line, byteOffset: byteOffset + start, message: error?.message };
        letters.push(JSON.stringify({ ...place, input }));
      }
      start = end + 1;
    }
    if (length === held) break;
    byteOffset += start;
    held = length - start;
    buffer.copy(buffer, 0, start, length);
  }
  closeSync(file);
  return `${letters.join("\n")}\n`;
}

const pushedDown: Contender = async (from, to) => {
  const summary = await runSql({
    from,
    schema: Sale,
    columns: {
      id: "id",
      user: '"user"',
      country: "country",
      product: "product",
      total: "round(quantity * price * 100) / 100",
    },
    where: "total > 50",
    to: { [`${to}.jsonl`]: "from records", [`${to}.groups.jsonl`]: groups.replace("kept", "records") },
    deadLetters: toDeadLetters(`${to}.letters.jsonl`),
    threads: 2,
  });
  const { read, filtered, delivered, deadLettered } = summary;
  const isWhole = read === recordCount && deadLettered > 0 && read === filtered + delivered + deadLettered;
  if (!isWhole) throw summary.error ?? new Error(JSON.stringify(summary));
  return delivered;
};

const sameAgent = <TRecord>(name: string, schema: z.ZodType<TRecord>) =>
  defineAgent({
    name,
    description: "Gives what it gets.",
    input: schema,
    output: schema,
    execute: (record) => record,
  });

const sqlStage: Contender = async (from, to) => {
  const query = `select id, user, country, product, quantity, price
    from read_json('${from}', format = 'newline_delimited', ${typed})`;
  const Part = z.object({ country: z.string(), product: z.string(), count: z.int(), total: z.number() });
  const summary = await flow(fromDuckDb({ sql: query }))
    .through(sameAgent("before", Sale.omit({ note: true })), { onError: "dead-letter" })
    .operator(
      sql<z.output<typeof Part>>(
        `with kept as (
          select * from (select *, round(quantity * price * 100) / 100 as total from records) where total > 50
        ) ${groups}`,
      ),
    )
    .through(sameAgent("after", Part))
    .to(toFile(`${to}.groups.jsonl`));
  if (summary.read !== recordCount) throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

const sqlStageAlone: Contender = async (from, to) => {
  const query = `select id, user, country, product, quantity, price
    from read_json('${from}', format = 'newline_delimited', ${typed})`;
  const text = `with kept as (
      select * from (select *, round(quantity * price * 100) / 100 as total from records) where total > 50
    ) ${groups}`;
  const summary = await flow(fromDuckDb({ sql: query }))
    .operator(sql(text))
    .to(toFile(`${to}.groups.jsonl`));
  return summary.emitted;
};

/**
 * The same by hand, and no more: rows become objects, a schema checks each before and after the agent, and they go back as JSON
 * lines. What an agent that sees each record costs at least.
 */
const objectsByHand: Contender = (from, to) =>
  withDuckDb(async (run, connection) => {
    const Part = Sale.omit({ note: true });
    const file = openSync(`${to}.between.jsonl`, "w");
    const result = await connection.stream(
      `select id, user, country, product, quantity, price from read_json('${from}', format = 'newline_delimited', ${typed})`,
    );
    const names = result.columnNames();
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const columns = chunk.getColumns();
      let text = "";
      for (let row = 0; row < chunk.rowCount; row++) {
        const record: Record<string, unknown> = {};
        for (const [index, name] of names.entries()) {
          const value = columns[index]?.[row];
          record[name] = typeof value === "bigint" ? Number(value) : value;
        }
        const before = Part.safeParse(record);
        const after = before.success ? Part.safeParse(before.data) : before;
        if (after.success) text += `${JSON.stringify(after.data)}\n`;
      }
      writeSync(file, text);
    }
    closeSync(file);
    await run(`create table kept as select * from (select *, round(quantity * price * 100) / 100 as total
      from read_json('${to}.between.jsonl', format = 'newline_delimited', ${typed})) where total > 50`);
    await run(`copy (${groups}) to '${to}.groups' (format json)`);
    const [row] = await run(`select count(*) from (${groups})`);
    return Number(row?.[0]);
  });

/** Without DuckDB: a loop over lines, a schema that checks each once, and a map of groups. */
const loopByHand: Contender = (from, to) => {
  const input = openSync(from, "r");
  const output = openSync(to, "w");
  const buffer = Buffer.allocUnsafe(262_144);
  const sums = new Map<string, { country: string; product: string; count: number; total: number }>();
  let kept = 0;
  let held = 0;
  for (;;) {
    const length = held + readSync(input, buffer, held, buffer.length - held, null);
    if (length === held) break;
    const end = buffer.lastIndexOf(10, length - 1) + 1;
    let lines = "";
    for (const line of buffer.toString("utf8", 0, end).split("\n")) {
      if (line === "") continue;
      const { success, data } = Sale.safeParse(JSON.parse(line));
      if (!success) continue;
      const { id, user, country, product } = data;
      const total = Math.round(data.quantity * data.price * 100) / 100;
      if (total <= 50) continue;
      kept++;
      lines += `${JSON.stringify({ id, user, country, product, total })}\n`;
      const key = `${country} ${product}`;
      const sum = sums.get(key);
      if (sum === undefined) sums.set(key, { country, product, count: 1, total });
      else {
        sum.count++;
        sum.total += total;
      }
    }
    writeSync(output, lines);
    held = length - end;
    buffer.copy(buffer, 0, end, length);
  }
  closeSync(input);
  closeSync(output);
  writeFileSync(`${to}.groups`, [...sums.values()].map((sum) => `${JSON.stringify(sum)}\n`).join(""));
  return Promise.resolve(kept);
};

/** Rows of 1,000,003 keys, made in the process of the flow. */
function* memoryRowsOf(): Generator<{ readonly n: number; readonly key: string; readonly value: number }> {
  for (let n = 0; n < memoryRows; n++) {
    yield { n, key: `key-${(n * 7919) % 1_000_003}`, value: n % 1000 };
  }
}

const inSql: Contender = async (_, to) => {
  const text = "select key, count(*) as n, sum(value) as total from records group by key";
  const summary = await flow(fromIterable(memoryRowsOf()))
    .operator(sql(text, { memoryLimitMb: 256 }))
    .to(toFile(`${to}.groups.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

/** As many groups as there are unless it is said stay in memory, and the others go to DuckDB. */
const aggregatePast: Contender = async (_, to) => {
  const summary = await flow(fromIterable(memoryRowsOf()))
    .aggregate({
      by: ["key"],
      calculate: { n: { count: true }, total: { sum: "value" } },
      past: duckDb({ memoryLimitMb: 256 }),
    })
    .to(toFile(`${to}.groups.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

const deduplicatePast: Contender = async (_, to) => {
  const summary = await flow(fromIterable(memoryRowsOf()))
    .deduplicate({ by: ["key"], maxKeys: 100_000, past: duckDb({ memoryLimitMb: 256 }) })
    .to(toFile(`${to}.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

/** By keys that come nine or ten times each; says how many came in order. */
const sortPast: Contender = async (_, to) => {
  let before = "";
  let ordered = 0;
  const summary = await flow(fromIterable(memoryRowsOf()))
    .sort({ by: ["key", { key: "n", order: "desc" }], past: duckDb({ memoryLimitMb: 256 }) })
    .map((row) => {
      if (row.key >= before) ordered++;
      before = row.key;
      return row;
    })
    .to(toFile(`${to}.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return ordered;
};

/** Each row with the one of 1,000,003 that has its key. */
const joinPast: Contender = async (_, to) => {
  const others = function* (): Generator<{ readonly key: string; readonly name: string }> {
    for (let n = 0; n < 1_000_003; n++) yield { key: `key-${n}`, name: `name ${n}` };
  };
  const summary = await flow(fromIterable(memoryRowsOf()))
    .join(fromIterable(others()), { on: "key", as: "other", past: duckDb({ memoryLimitMb: 256 }) })
    .to(toFile(`${to}.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

const memory: Readonly<Record<string, Contender>> = {
  "sql in 256 MB": inSql,
  "aggregate past 100,000 groups, in 256 MB": aggregatePast,
  "deduplicate past 100,000 keys, in 256 MB": deduplicatePast,
  "sort past 100,000 records, in 256 MB": sortPast,
  "join past 100,000 records, in 256 MB": joinPast,
};

const contenders: Readonly<Record<string, Contender>> = {
  plain: plainOn(2),
  "plain, 1 thread": plainOn(1),
  "counted and checked by hand": checkedByHand,
  "pushed down": pushedDown,
  "objects checked by hand": objectsByHand,
  "sql stage between agents": sqlStage,
  "sql stage alone": sqlStageAlone,
  "loop by hand": loopByHand,
};

/** The least share of plain DuckDB's speed that is asked of them. */
const asked: Readonly<Record<string, number>> = { "pushed down": 0.7, "sql stage between agents": 0.5 };

interface Told {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
  readonly result: number;
}

function runChild(name: string, from: string, to: string): Told {
  // A flow that holds more than it may would not get through.
  const heap = name in memory ? ["--max-old-space-size=256"] : [];
  const child = [...heap, ...process.execArgv, import.meta.filename, "child", name, from, to];
  // A child prints what `Told` says.
  return JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8" })) as Told;
}

async function beChild(name: string, from: string, to: string): Promise<void> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  const result = await (memory[name] ?? contenders[name])?.(from, to);
  const { user, system } = process.cpuUsage(before);
  console.log(
    JSON.stringify({
      cpuMs: (user + system) / 1000,
      wallMs: performance.now() - startMs,
      peakMb: process.resourceUsage().maxRSS / 1024,
      result,
    }),
  );
}

function makeRecords(path: string): void {
  const file = openSync(path, "w");
  let lines: string[] = [];
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let id = 0; id < recordCount; id++) {
    const quantity = random() < 0.007 ? 0 : 1 + Math.floor(random() * 9);
    const note =
      random() < 0.01 ? "Grüße aus Köln — 谢谢" : "an ordinary note of ordinary length for a record";
    const country = String.fromCharCode(65 + Math.floor(random() * 6), 65 + Math.floor(random() * 5));
    const product = `product-${Math.floor(random() * 20)}`;
    const price = Math.round(random() * 3000) / 100;
    const user = `user-${Math.floor(random() * 50_000)}`;
    lines.push(JSON.stringify({ id, user, country, product, quantity, price, note }));
    if (lines.length === 5000) {
      writeSync(file, `${lines.join("\n")}\n`);
      lines = [];
    }
  }
  closeSync(file);
}

function measure(folder: string): void {
  const from = join(folder, "sales.jsonl");
  makeRecords(from);
  const names = Object.keys(contenders);
  const told = new Map<string, Told[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      told.get(name)?.push(runChild(name, from, join(folder, name.replaceAll(" ", "-"))));
    }
  }
  const of = (name: string, key: keyof Told): number =>
    median((told.get(name) ?? []).map((each) => each[key]));
  for (const name of names) {
    const perSecond = Math.round(recordCount / (of(name, "cpuMs") / 1000) / 1000);
    const share = of("plain", "cpuMs") / of(name, "cpuMs");
    const least = asked[name];
    const verdict = least === undefined ? "" : ` (asked ${least}: ${share >= least ? "met" : "missed"})`;
    const wallShare = (of("plain", "wallMs") / of(name, "wallMs")).toFixed(2);
    console.log(
      `${name}: ${perSecond} k records/CPU s, ${share.toFixed(2)} x plain${verdict}, ` +
        `${Math.round(of(name, "wallMs"))} ms, ${wallShare} x plain, ` +
        `peak ${Math.round(of(name, "peakMb"))} MB, result ${of(name, "result")}`,
    );
  }
}

const [what, name = "", from = "", to = ""] = process.argv.slice(2);
if (what === "child") await beChild(name, from, to);
else {
  console.log(machineLine());
  const folder = mkdtempSync(join(tmpdir(), "duckdb-bench-"));
  try {
    if (what === "memory") {
      for (const each of Object.keys(memory).filter((each) => each.startsWith(name)))
        console.log(each, runChild(each, "", join(folder, "out")));
    } else measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
