import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { flow, fromFile, toArray } from "../index.ts";
import type { DeadLetter } from "../dead-letter.ts";
import { isSamePattern } from "./same-pattern.ts";
import { runSql, type RunSqlOptions } from "./run-sql.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "run-sql-"));
});
afterAll(() => rm(directory, { recursive: true }));

const Sale = z.object({ id: z.int(), user: z.string().min(1), price: z.number().optional() });

async function linesOf(name: string): Promise<unknown[]> {
  const text = await readFile(join(directory, name), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

function run(lines: string, options: Partial<RunSqlOptions> = {}) {
  return writeFile(join(directory, "in.jsonl"), lines).then(() =>
    runSql({
      directory,
      from: "in.jsonl",
      schema: Sale,
      to: { "out.jsonl": "from records order by id" },
      ...options,
    }),
  );
}

test("each line is counted: what is no record becomes a dead letter with its place", async () => {
  const letters: DeadLetter[] = [];
  const summary = await run(
    '{"id":1,"user":"a","price":1}\r\n\n \t\n{"id":"2","user":"b","price":1}\nno\n{"id":3,"user":"c","price":9}\n',
    { where: "price < $most", parameters: { most: 5 }, deadLetters: toArray(letters) },
  );
  expect(summary).toMatchObject({ status: "partial", read: 4, delivered: 1, filtered: 1, deadLettered: 2 });
  expect(summary).toMatchObject({ emitted: 1, unfinished: 0, lookedAt: 2 });
  expect(letters.map(({ line, byteOffset, error }) => [line, byteOffset, error.message])).toEqual([
    [4, 35, "in.jsonl:4: id: Invalid input: expected number, received string"],
    [5, 67, 'in.jsonl:5:1: not JSON: unexpected "n"'],
  ]);
  expect(await linesOf("out.jsonl")).toEqual([{ id: 1, user: "a", price: 1 }]);
});

test("a byte order mark in a line of its own is nothing to see, and numbers no line", async () => {
  expect(await run("\uFEFF")).toMatchObject({ status: "success", read: 0, filtered: 0 });
  const letters: DeadLetter[] = [];
  const lines = '\uFEFF\n{"id":1,"user":"a"}\n{"id":"2","user":"b"}\n{"id":3,"user":"c"}\n';
  const summary = await run(lines, { deadLetters: toArray(letters) });
  expect(summary).toMatchObject({ read: 3, delivered: 2, filtered: 0, deadLettered: 1 });
  expect(letters.map(({ line, byteOffset }) => [line, byteOffset])).toEqual([[3, 24]]);
  expect(await linesOf("out.jsonl")).toMatchObject([{ id: 1 }, { id: 3 }]);
});

test("what cannot be read twice, line by line, is refused before anything is read", async () => {
  for (const name of ["packed.jsonl.gz", "packed.jsonl.ZST"]) {
    await writeFile(join(directory, name), gzipSync('{"id":1,"user":"a"}\n'.repeat(9)));
    const { status, read, error } = await run("", { from: name });
    expect({ status, read, code: error?.code }).toEqual({ status: "failed", read: 0, code: "CONFIG" });
    expect(error?.message).toBe(`runSql: from must be files that are not packed, got "${name}"`);
  }
  const { error } = await run("", { from: "/dev/null" });
  expect(error?.message).toBe('runSql: from must be files, and no pipes, got "/dev/null"');
});

test.each(["sum(price)", "max(id) + price", "unnest([1, 2])", "count(*) filter (id > 1)"])(
  "a column of %j, which is not one value of each record, is refused",
  async (total) => {
    const { error } = await run('{"id":1,"user":"a","price":2}\n', { columns: { id: "id", total } });
    expect(error?.message).toBe(
      `runSql: columns.total must be an expression with one value for each record, got "${total}"`,
    );
    expect(error).toMatchObject({ code: "CONFIG", details: { path: "columns.total" } });
    expect(error?.hint).toMatch(/in a query of to/);
  },
);

test("a column may look at the rows around", async () => {
  const columns = { id: "id", all: "count(*) over ()" };
  expect(await run('{"id":1,"user":"a"}\n', { columns })).toMatchObject({ status: "success", delivered: 1 });
});

test("a file that is not there, and one that is a pipe, are told of as what they were given as", async () => {
  const { error } = await run("", { from: "none.jsonl" });
  expect(error?.message).toMatch(/^runSql: from must be the name of a file that exists/);
  execFileSync("mkfifo", [join(directory, "pipe.csv")]);
  const piped = await run("", { to: { "out.jsonl": "from 'pipe.csv'" } });
  expect(piped.error?.message).toMatch(/^runSql: to\.out\.jsonl must be SQL that reads files, and no pipes/);
  await rm(join(directory, "pipe.csv"));
});

test("a file that grows while it is read ends the job", async () => {
  let lines = 0;
  const schema = Sale.refine(() => {
    if (lines++ === 0) appendFileSync(join(directory, "in.jsonl"), '{"id":9,"user":"z"}\n');
    return true;
  });
  const summary = await run('{"id":1,"user":"a"}\n'.repeat(2_000), { schema });
  expect(summary).toMatchObject({ status: "failed", delivered: 0, filtered: 0 });
  expect(summary.error?.message).toBe("runSql: in.jsonl has changed while it was read");
});

test("a table that is misspelt is told of with the one there is", async () => {
  const { error } = await run("", { to: { "out.jsonl": "select id from recrods" } });
  expect(error?.message).toContain(
    "to.out.jsonl: line 1, column 16: Table with name recrods does not exist!",
  );
  expect(error?.hint).toBe("The table is called records. The columns of records are: id, user, price.");
});

test("a record that goes over several lines ends the job, and is told of", async () => {
  const { status, error } = await run('{"id":1,"user":"a"}\n{"id":2,\n"user":"b"}\n');
  expect(status).toBe("failed");
  expect(error?.message).toMatch(
    /Malformed JSON in file ".*in\.jsonl", at byte 9 in line 3: unexpected end of data$/,
  );
  expect(error?.hint).toContain("Write each record in one line.");
});

const anyValue = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(9_007_199_254_740_992, -0, 1e300, true, false, null, [], {}, [1], { a: 1 }),
  fc.constantFrom("", "a", "5", "-1e3", "true", "NaN", "[", "{}", "2024-01-01", "null", "Ü", "🙂", 'q"\\\n'),
  fc.string({ unit: "grapheme", maxLength: 4 }),
);
const anyLine = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({ id: fc.oneof(fc.nat(9), anyValue), user: anyValue, price: anyValue }, { requiredKeys: [] })
      .map((record) => JSON.stringify(record)),
  },
  fc.constantFrom("", "  ", "\r", "[1]", "null", "{", '{"id":1,"user":"\\ud800"}', '"text"', '{"id":1}x'),
);

const schemas = [
  Sale,
  z.object({ id: z.number().min(-2), user: z.string().max(2).nullish(), price: z.boolean().nullish() }),
  z.object({ id: z.int().nullish(), user: z.enum(["a", "5", "true"]).nullish() }),
  z.object({ id: z.int(), user: z.string().regex(/^[a-z\d]+$/) }),
  z.object({ id: z.int().gt(0).lt(7), price: z.number().gt(-1).lte(2.5).nullish() }),
  z.object({ id: z.int().min(-1.5).max(2.5).nullish(), price: z.number().lt(1e-7).optional() }),
  z.object({ id: z.int(), user: z.union([z.string(), z.number()]), price: z.unknown() }),
  z.object({ id: z.int(), user: z.string().refine((text) => text !== "a") }),
  fromJsonSchema({
    type: "object",
    properties: { id: { type: "integer", minimum: 0 }, user: { type: "string", maxLength: 2 } },
    required: ["id"],
    additionalProperties: false,
  }),
];

test("takes and refuses the very lines that a flow does, with the same letters", {
  timeout: 120_000,
}, async () => {
  const sameAsFlow = fc.asyncProperty(
    fc.array(anyLine, { maxLength: 12 }),
    fc.constantFrom(...schemas),
    async (lines, schema) => {
      const [here, there]: [DeadLetter[], DeadLetter[]] = [[], []];
      const taken: unknown[] = [];
      const to = { "out.jsonl": "select id from records" };
      const summary = await run(lines.join("\n"), { schema, to, deadLetters: toArray(here) });
      const source = fromFile("in.jsonl", { directory, schema });
      const flowed = await flow(source).to(toArray(taken), { deadLetters: toArray(there) });
      expect(summary.error).toBeUndefined();
      const isExact = (letter: DeadLetter): boolean => !/beyond|half of/.test(letter.error.message);
      const show = ({ line, byteOffset, error, record }: DeadLetter): unknown => [
        line,
        byteOffset,
        error.message,
        record,
      ];
      expect(here.filter(isExact).map(show)).toEqual(there.map(show));
      const inexact = here.length - here.filter(isExact).length;
      expect([summary.read, summary.delivered + inexact]).toEqual([flowed.read, flowed.delivered]);
      expect(summary.read).toBe(
        summary.delivered + summary.filtered + summary.deadLettered + summary.unfinished,
      );
    },
  );
  await fc.assert(sameAsFlow, { numRuns: 60 });
});

test("texts that look like numbers are read with their quotes, and not one by one", async () => {
  const lines = Array.from({ length: 50 }, (_, id) => `{"id":${id},"user":"0${id}\\n","price":1}`);
  const summary = await run(lines.join("\n"));
  expect(summary).toMatchObject({ read: 50, delivered: 50, lookedAt: 0, unproved: [] });
  expect((await linesOf("out.jsonl"))[7]).toEqual({ id: 7, user: "07\n", price: 1 });
});

test("several files, computed columns, and formats by the names of outputs", async () => {
  await writeFile(join(directory, "part-1.jsonl"), '{"id":1,"user":"a","price":2}\n');
  await writeFile(join(directory, "part-2.jsonl"), '{"id":2,"user":"b","price":3}\n{"id":3}\n');
  const summary = await run("", {
    from: "part-*.jsonl",
    columns: { id: "id", double: "price * 2 -- twice" },
    to: {
      "a.csv": "from records order by id",
      "b.json": "from records order by id;",
      "c/d.parquet": "select sum(double) as s from records",
    },
  });
  expect(summary).toMatchObject({ status: "partial", read: 3, delivered: 2, deadLettered: 1, emitted: 5 });
  expect(summary.deadLetters[0]).toMatchObject({ file: "part-2.jsonl", line: 2 });
  expect(await readFile(join(directory, "a.csv"), "utf8")).toBe("id,double\n1,4.0\n2,6.0\n");
  expect(JSON.parse(await readFile(join(directory, "b.json"), "utf8"))).toEqual([
    { id: 1, double: 4 },
    { id: 2, double: 6 },
  ]);
  expect((await readFile(join(directory, "c/d.parquet"))).subarray(0, 4).toString()).toBe("PAR1");
});

test("lines are numbered over all files, and those of each that are right are kept", async () => {
  const letters: DeadLetter[] = [];
  await writeFile(
    join(directory, "many-1.jsonl"),
    '{"id":1,"user":"a"}\n{"id":2}\n\n{"id":3,"user":"c"}\n{"id":4}',
  );
  await writeFile(
    join(directory, "many-2.jsonl"),
    '{"id":5}\n{"id":6,"user":"12"}\n{"id":7,"user":"g"}\nno\n',
  );
  const summary = await run("", { from: "many-*.jsonl", deadLetters: toArray(letters), where: "id <> 7" });
  expect(summary).toMatchObject({ read: 8, delivered: 3, filtered: 1, deadLettered: 4 });
  expect(letters.map(({ file, line, record }) => [file, line, record])).toEqual([
    ["many-1.jsonl", 2, 2],
    ["many-1.jsonl", 5, 4],
    ["many-2.jsonl", 1, 5],
    ["many-2.jsonl", 4, 8],
  ]);
  expect((await linesOf("out.jsonl")).map((row) => (row as { readonly id: number }).id)).toEqual([1, 3, 6]);
});

test.each([
  [{ where: "prise > 1" }, /where.*line 1, column 1: Referenced column "prise" not found/],
  [{ where: "true); drop table records; select (true" }, /where/],
  [{ columns: { a: "1 +" } }, /columns\.a/],
  [
    { to: { "out.jsonl": "select\n  usr from records" } },
    /to\.out\.jsonl: line 2, column 3: Referenced column "usr"/,
  ],
  [{ to: { "out.jsonl": "drop table records" } }, /to\.out\.jsonl/],
])("SQL that is wrong is told before anything is read: %j", async (options, message) => {
  const { error, status, read } = await run('{"id":1,"user":"a"}\n', options);
  expect([status, read, error?.code]).toEqual(["failed", 0, "CONFIG"]);
  expect(error?.message).toMatch(message);
});

test("parameters are values, whatever is in them", async () => {
  const text = "'; drop table records; --";
  const { status, delivered } = await run(`{"id":1,"user":"a"}\n{"id":2,"user":${JSON.stringify(text)}}\n`, {
    schema: z.object({ id: z.int(), user: z.string() }),
    where: '"user" = $text',
    parameters: { text },
  });
  expect([status, delivered]).toEqual(["success", 1]);
});

test("a folder for temporary files that is not there is told of as such", async () => {
  const { error } = await run('{"id":1,"user":"a"}\n', { temporaryDirectory: "/none/there" });
  expect(error?.message).toMatch(/^runSql: no temporary files can be made in \/none\/there: ENOENT/);
  expect(error?.hint).toMatch(/TMPDIR/);
});

test("what is no number of JSON is null in files of texts, wherever it is", async () => {
  const flat = "select 'nan'::double as n, '-inf'::float as f, $least as least, 'NaN' as t from records";
  const lists = `['nan'::double, 1] as l, [[{'it''s': 'inf'::double, 'b': 2}], null] as "o""o", array_value(1::double, 'nan'::double) as v`;
  const maps =
    "map {'a': 'nan'::double} as m, {'a': {'x': 'inf'::float}} as o, null::struct(a double) as none";
  const summary = await run('{"id":1,"user":"a"}\n', {
    to: { "flat.jsonl": flat, "flat.csv": flat, "deep.jsonl": `select ${lists}, ${maps} from records` },
    parameters: { least: 1.5 },
  });
  expect(summary.error).toBeUndefined();
  expect(await linesOf("flat.jsonl")).toEqual([{ n: null, f: null, least: 1.5, t: "NaN" }]);
  expect(await readFile(join(directory, "flat.csv"), "utf8")).toBe("n,f,least,t\n,,1.5,NaN\n");
  const deep = { l: [null, 1], 'o"o': [[{ "it's": null, b: 2 }], null], v: [1, null] };
  expect(await linesOf("deep.jsonl")).toEqual([
    { ...deep, m: { a: null }, o: { a: { x: null } }, none: null },
  ]);
});

test.each([
  [{ where: "price >= $least" }, /^runSql: where: There is no parameter least$/],
  [{ to: { "no.csv": "select $least as least" } }, /^runSql: to\.no\.csv: There is no parameter least$/],
  [{ where: "id > $a", parameters: { a: 1, b: 2 } }, /^runSql: No \$b stands in any SQL$/],
  [{ columns: { id: "id), (2" } }, /^runSql: columns\.id: .*syntax error/],
  [{ where: "user" }, /^runSql: where: /],
  [
    { to: { "./in.jsonl": "from records" } },
    /^runSql: to must be files that are not read, got "\.\/in\.jsonl"/,
  ],
])("what is wrong with SQL is told before anything is read: %j", async (options, message) => {
  const summary = await run('{"id":1,"user":"a"}\n', options);
  expect(summary).toMatchObject({ status: "failed", read: 0 });
  expect(summary.error?.code).toBe("CONFIG");
  expect(summary.error?.message).toMatch(message);
});

test("a query that fails leaves no output, and all records unfinished", async () => {
  const before = new Set(await readdir(directory)).add("in.jsonl");
  const summary = await run('{"id":1,"user":"a"}\n', {
    to: { "no.jsonl": "select user::int as n from records" },
  });
  expect(summary).toMatchObject({ status: "failed", read: 1, delivered: 0, unfinished: 1 });
  expect(summary.error?.message).toMatch(/to\.no\.jsonl.*Could not convert string 'a'/);
  expect(new Set(await readdir(directory))).toEqual(before);
});

test.each([
  [{ to: { "out.xlsx": "from records" } }, /to must be names that end in/],
  [{ to: {} }, /to must be an object of texts in SQL/],
  [{ schema: z.object({ id: z.int().default(1) }) }, /schema must be one that transforms nothing/],
  [{ schema: z.string() }, /schema must be one of objects/],
  [{ form: "x" }, /form must be one of/],
])("options that are wrong are told: %j", async (options, message) => {
  await expect(run("", options as Partial<RunSqlOptions>)).rejects.toThrow(message);
});

test("patterns that RE2 reads otherwise are left to the schema", () => {
  const same = ["^a+$", "^[A-Z]{2}\\d{3}$", "a|(?:b|c)?", "[^x]", "^\\w+@\\w+\\.com$"];
  const other = ["a.b", "(?=a)", "\\s", "\\bx", "(a)\\1", "ü", "(?<n>a)", "\\p{L}", "[\\s]", "a{1000}"];
  expect(same.filter((pattern) => !isSamePattern(pattern))).toEqual([]);
  expect(other.filter(isSamePattern)).toEqual([]);
});

const twoRight = '{"id":1,"user":"a"}\n{"id":"2"}\n{"id":3,"user":"c"}\n';

test("what is no record is dropped, or stops all, as onError says", async () => {
  const dropped = await run(twoRight, { onError: "drop" });
  expect(dropped).toMatchObject({ status: "success", read: 3, delivered: 2, filtered: 1, deadLettered: 0 });
  const stopped = await run(twoRight, { onError: "stop", to: { "stopped.jsonl": "from records" } });
  expect(stopped).toMatchObject({ status: "failed", delivered: 0, published: false });
  expect(stopped.error?.message).toMatch(/^in\.jsonl:2: id: Invalid input/);
  expect(await readdir(directory)).not.toContain("stopped.jsonl");
});

test("a run that is cancelled writes nothing", async () => {
  const controller = new AbortController();
  const slow =
    "select count(*) as n from records, range(100000000) as a(x), range(100) as b(y) where x % 7 = y";
  const running = run(twoRight, { to: { "slow.jsonl": slow }, run: { signal: controller.signal } });
  controller.abort();
  const summary = await running;
  expect([summary.status, summary.published]).toEqual(["cancelled", false]);
  expect((await readdir(directory)).filter((name) => name.includes("slow"))).toEqual([]);
});

test("an empty file gives the figures of nothing", async () => {
  const summary = await run("", { to: { "none.jsonl": "select count(*) as n from records" } });
  expect(summary).toMatchObject({ status: "success", read: 0, delivered: 0, emitted: 1 });
  expect(await linesOf("none.jsonl")).toEqual([{ n: 0 }]);
});
