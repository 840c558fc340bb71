/**
 * What DuckDB does for flows, in CPU time of the whole process, each contender in a process of its own, in turns:
 *
 *     node --conditions=@atomic-agents/source bench/duckdb.ts          # the job of 1,000,000 records
 *     node --conditions=@atomic-agents/source bench/duckdb.ts memory   # 10,000,000 rows in 256 MB
 *
 * The job reads JSON lines, computes, filters, writes what is kept and its groups. "plain" is DuckDB alone, which takes
 * `"2"` for a number and counts nothing. "pushed down" counts every line, checks the contract as predicates of SQL, and makes
 * dead letters of the lines that break it, in a second pass that parses only those. "sql stage" has the records come
 * from DuckDB, pass an agent, a stage of SQL and another agent, and be written by the flow.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineAgent } from "@atomic-agents/core";
import { defineSource, flow, fromIterable, toDeadLetters, toFile } from "@atomic-agents/flow";
import { fromDuckDb, sql } from "@atomic-agents/flow/duckdb";
import { DuckDBInstance } from "@duckdb/node-api";
import * as z from "zod";
import { machineLine } from "./machine.ts";
import { median } from "./statistics.ts";

const recordCount = 1_000_000;
const rounds = 3;
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

const fields = `{"id":"BIGINT","user":"VARCHAR","country":"VARCHAR","product":"VARCHAR","quantity":"BIGINT","price":"DOUBLE",
  "note":"VARCHAR"}`;
const paths = "['$.id', '$.user', '$.country', '$.product', '$.quantity', '$.price', '$.note']";

/** Sale, as predicates over the types of the fields as they stand in the line, and over their values. */
const predicates = `kinds[1] in ('UBIGINT', 'BIGINT') and kinds[2] = 'VARCHAR' and kinds[3] = 'VARCHAR' and kinds[4] = 'VARCHAR'
  and kinds[5] = 'UBIGINT' and kinds[6] in ('UBIGINT', 'DOUBLE') and kinds[7] = 'VARCHAR'
  and abs(x.id) < 9007199254740992 and x."user" <> '' and length(x.country) = 2
  and x.quantity between 1 and 9007199254740991 and x.price between 0 and 1e308`;

const objects = (from: string): string => `read_ndjson_objects('${from}', ignore_errors = true)`;

type Contender = (from: string, to: string) => Promise<number>;

async function withDuckDb(
  work: (run: (text: string) => Promise<readonly (readonly unknown[])[]>) => Promise<number>,
): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const result = await work(async (text) => (await connection.run(text)).getRows());
  connection.closeSync();
  instance.closeSync();
  return result;
}

const plain: Contender = (from, to) =>
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
  });

const pushedDown: Contender = (from, to) =>
  withDuckDb(async (run) => {
    await run(`create table seen as
      select n, isGood, x.id as id, x."user" as "user", x.country as country, x.product as product, total,
        case when not isGood then json end as line
      from (
        select n, json, x, isGood, round(x.quantity * x.price * 100) / 100 as total
        from (
          select n, json, x, coalesce(${predicates}, false) as isGood
          from (
            -- What is below a window is computed once, also where a condition asks for it.
            select *, row_number() over () as n
            from (
              select json, json_type(json, ${paths}) as kinds, from_json(json, '${fields}') as x from ${objects(from)}
            )
          )
        )
      ) where not isGood or total > 50`);
    await run(`create view kept as select id, "user", country, product, total from seen where isGood`);
    await run(`copy (from kept) to '${to}' (format json)`);
    await run(`copy (${groups}) to '${to}.groups' (format json)`);
    const refused = await run("select n, line from seen where not isGood order by n");
    const [[read], [kept]] = [
      await run(`select count(*) from ${objects(from)}`),
      await run("select count(*) from kept"),
    ];
    // Of a line that is no JSON it keeps nothing.
    const unparsed = new Set(refused.flatMap(([n, line]) => (line === null ? [Number(n)] : [])));
    const found = unparsed.size === 0 ? new Map<number, string>() : linesOf(from, unparsed);
    const lines = refused.map(([n, line]) => ({
      number: Number(n),
      line: found.get(Number(n)) ?? String(line),
    }));
    const source = defineSource({
      name: from,
      schema: Sale,
      read: function* ({ cursor, refuse }) {
        for (const { number, line } of lines) {
          cursor.line = number;
          try {
            yield JSON.parse(line);
          } catch (thrown) {
            yield refuse({ message: String(thrown), raw: line });
          }
        }
      },
    });
    const letters = await flow(source).to(toFile(`${to}.none.jsonl`), {
      deadLetters: toDeadLetters(`${to}.letters`),
    });
    // What the predicates refuse, the contract refuses, and every line is one or the other.
    if (letters.deadLettered !== refused.length) throw new Error("the predicates are not the contract");
    if (Number(read?.[0]) !== recordCount) throw new Error(`${String(read?.[0])} lines were read`);
    return Number(kept?.[0]);
  });

/** The lines of a file that have these numbers. */
function linesOf(path: string, numbers: ReadonlySet<number>): ReadonlyMap<number, string> {
  const file = openSync(path, "r");
  const chunk = Buffer.alloc(1 << 20);
  const lines = new Map<number, string>();
  let read = 0;
  let rest = Buffer.alloc(0);
  for (;;) {
    const length = readSync(file, chunk, 0, chunk.length, null);
    if (length === 0) break;
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0 && at < length; at = chunk.indexOf(10, from)) {
      read++;
      if (numbers.has(read)) {
        const line = Buffer.concat([rest, chunk.subarray(from, at)]).toString("utf8");
        lines.set(read, line);
      }
      rest = Buffer.alloc(0);
      from = at + 1;
    }
    rest = Buffer.concat([rest, chunk.subarray(from, length)]);
  }
  closeSync(file);
  return lines;
}

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

/** 10,000,000 rows in 256 MB: in the process of the flow, and each through it. */
const memory: Contender = async (_, to) => {
  function* rows(): Generator<unknown> {
    for (let n = 0; n < memoryRows; n++) {
      yield { n, key: `key-${(n * 7919) % 1_000_003}`, value: n % 1000 };
    }
  }
  const text = "select key, count(*) as n, sum(value) as total from records group by key";
  const summary = await flow(fromIterable(rows()))
    .operator(sql(text, { memoryLimitMb: 256 }))
    .to(toFile(`${to}.groups.jsonl`));
  if (summary.status !== "success") throw summary.error ?? new Error(summary.status);
  return summary.emitted;
};

const contenders: Readonly<Record<string, Contender>> = {
  plain,
  "pushed down": pushedDown,
  "sql stage between agents": sqlStage,
  "sql stage alone": sqlStageAlone,
};

interface Told {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMb: number;
  readonly result: number;
}

function runChild(name: string, from: string, to: string): Told {
  const child = ["--conditions=@atomic-agents/source", import.meta.filename, "child", name, from, to];
  // A child prints what `Told` says.
  return JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8" })) as Told;
}

async function beChild(name: string, from: string, to: string): Promise<void> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  const result = await (name === "memory" ? memory : contenders[name])?.(from, to);
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
    const share = (of("plain", "cpuMs") / of(name, "cpuMs")).toFixed(2);
    console.log(
      `${name}: ${perSecond} k records/CPU s, ${share} x plain, ${Math.round(of(name, "wallMs"))} ms, ` +
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
    if (what === "memory") console.log(runChild("memory", "", join(folder, "out")));
    else measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
