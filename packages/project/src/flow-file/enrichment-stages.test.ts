import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { parseText } from "../files/parse-text.ts";
import { openProject } from "../project/open-project.ts";
import { checkFlowFile } from "../schemas/check-shape.ts";
import { loadFlow } from "./load-flow.ts";

const out = join(import.meta.dirname, "../../../../out");
mkdirSync(out, { recursive: true });
const folder = realpathSync(mkdtempSync(join(out, "enrichment-")));
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});
let count = 0;

const orders = [
  { id: 1, land: "FR", buyer: 7 },
  { id: 2, land: "XX", buyer: 8 },
  { id: 3, land: "DE", buyer: 9 },
];
const ordersSchema =
  "{ type: object, properties: { id: { type: integer }, land: { type: string }, buyer: { type: integer } }, required: [id, land, buyer], additionalProperties: false }";

interface Example {
  readonly stages: string;
  readonly schema?: string | undefined;
  readonly files?: Readonly<Record<string, string>>;
}

function projectOf({ stages, schema = ordersSchema, files = {} }: Example): string {
  const directory = join(folder, String(count++));
  const written: Readonly<Record<string, string>> = {
    "atomic.yaml":
      'name: shop\nresources:\n  shop: { type: sqlite, file: shop.db }\n  crm: { type: http, url: "https://example.com" }\n',
    "orders.jsonl": orders.map((order) => `${JSON.stringify(order)}\n`).join(""),
    "countries.csv": "code,name,people\nFR,France,68\nDE,Germany,83\n",
    "work.flow.yaml": `source:\n  file: orders.jsonl\n  schema: ${schema}\nstages:\n${stages}sink: out.jsonl\n`,
    ...files,
  };
  for (const [name, content] of Object.entries(written)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  const db = new DatabaseSync(join(directory, "shop.db"));
  db.exec(
    `create table buyers (id integer primary key, name text, note) strict`.replace("note", "note text"),
  );
  db.exec("insert into buyers values (7, 'Ada', null), (9, 'Bob', 'late')");
  db.exec("create table loose (id integer, name text); insert into loose values (7, 'Ada')");
  db.close();
  return directory;
}

/** What the check says: severity, line and column, message, hint. */
async function problemsOf(example: Example, strict = false): Promise<readonly string[]> {
  const directory = projectOf(example);
  const project = await openProject({ directory });
  return (await checkProject(project, { strict })).map(({ severity, line, column, message, hint }) =>
    `${severity} ${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`.replaceAll(
      directory,
      "…",
    ),
  );
}

async function run(example: Example) {
  const directory = projectOf(example);
  const flow = await loadFlow(await openProject({ directory }), "work");
  const summary = await flow.start().summary;
  await flow.close();
  const written = summary.status === "failed" ? "" : readFileSync(join(directory, "out.jsonl"), "utf8");
  const records = written
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
  return { summary, records, letters: summary.deadLetters.map(({ error }) => error.message), flow };
}

describe("lookup in a file", () => {
  it("puts what it finds into records, which stages behind it know", async () => {
    const stages = `  - lookup:
      file: countries.csv
      types: { people: integer }
      key: code
      by: land
      as: country
      fields: { people: people }
  - filter: record.country != null
  - map: { id: record.id, name: record.country.name, millions: record.people }
`;
    expect(await problemsOf({ stages })).toEqual([]);
    const { summary, records, flow } = await run({ stages });
    expect(records).toEqual([
      { id: 1, name: "France", millions: 68 },
      { id: 3, name: "Germany", millions: 83 },
    ]);
    expect(summary).toMatchObject({ status: "success", read: 3, delivered: 2, filtered: 1 });
    expect(flow.flow.stages[0]).toMatchObject({ id: "lookup", kind: "through", needsAll: false });
  });

  it("leaves out what it does not find, or fails it", async () => {
    const lookup = "file: countries.csv, key: code, by: 'record.land', fields: { name: name }";
    const dropped = await run({ stages: `  - lookup: { ${lookup}, onMissing: drop }\n` });
    expect(dropped.records).toEqual([
      { ...orders[0], name: "France" },
      { ...orders[2], name: "Germany" },
    ]);
    expect(dropped.summary).toMatchObject({ delivered: 2, filtered: 1, deadLettered: 0 });
    const failed = await run({
      stages: `  - lookup: { ${lookup}, onMissing: error }\n    onError: dead-letter\n`,
    });
    expect(failed.letters).toEqual(['There is nothing of "XX" in countries.csv']);
    const nulls = await run({ stages: `  - lookup: { ${lookup} }\n` });
    expect(nulls.records[1]).toEqual({ ...orders[1], name: null });
  });

  it("finds by several keys", async () => {
    const files = {
      "prices.jsonl": '{"land":"FR","buyer":7,"price":2}\n{"land":"FR","buyer":8,"price":3}\n',
    };
    const stages =
      "  - lookup: { file: prices.jsonl, key: [land, buyer], by: [land, record.buyer], fields: { price: price } }\n";
    expect((await run({ stages, files })).records).toMatchObject([
      { price: 2 },
      { price: null },
      { price: null },
    ]);
    const odd = "  - lookup: { file: prices.jsonl, key: [land, buyer], by: land, as: price }\n";
    expect(await problemsOf({ stages: odd, files })).toEqual([
      "error 5:59 The table is found by 2 values, and by gives 1 | Say as many as there are in key, in the same order.",
    ]);
  });

  it("is checked before it runs", async () => {
    const typed = `{ file: countries.csv, columns: [code, name, people], header: true`;
    const cases: readonly (readonly [string, string])[] = [
      [
        "  - lookup: { file: contries.csv, key: code, by: land, as: a }\n",
        'error 5:21 There is no file "contries.csv" | Did you mean "countries.csv"?',
      ],
      [
        `  - lookup: ${typed}, key: cod, by: land, as: a }\n`,
        "error 5:91 record.cod: there is no such field | Did you mean code?",
      ],
      [
        `  - lookup: ${typed}, key: code, by: lnd, as: a }\n`,
        "error 5:101 record.lnd: there is no such field | Did you mean land?",
      ],
      [
        `  - lookup: ${typed}, key: code, by: buyer, as: a }\n`,
        'error 5:101 No record can have the same key: here it is a whole number, in the table a text | Make them alike: "1" and 1 are different. CSV has texts unless types says otherwise; transform casts.',
      ],
      [
        `  - lookup: ${typed}, key: code, by: land, as: land }\n`,
        'error 5:111 The records have a key "land" already | Choose another name, or say replace: true.',
      ],
      [
        `  - lookup: ${typed}, key: code, by: land, fields: { a: nam } }\n`,
        'error 5:120 What is found has no key "nam" | It has code, name, people.',
      ],
      [
        `  - lookup: ${typed}, key: code, by: land }\n`,
        "error 5:5 A lookup needs as, fields, or both: where what is found is put | Such as as: country, or fields: { country: name }.",
      ],
      [
        `  - lookup: ${typed}, key: code, by: land, as: a }\n  - map: record.a.name\n`,
        'warning 6:10 record.a may be null, and .name takes an object | Write get(record, "a", otherwise), or ask record.a != null before.',
      ],
    ];
    for (const [stages, problem] of cases) {
      const problems = await problemsOf({ stages });
      expect(problems.map((each) => each.replace(/^(\S+ \d+:)\d+/, "$1"))).toEqual([
        problem.replace(/^(\S+ \d+:)\d+/, "$1"),
      ]);
    }
  });

  it("reads what nothing of the flow may write", async () => {
    const stages =
      "  - lookup: { file: countries.csv, key: code, by: land, as: a }\n  - tee: countries.csv\n";
    expect(await problemsOf({ stages })).toContainEqual(
      expect.stringContaining('"countries.csv" is also what the flow reads'),
    );
  });
});

describe("lookup in SQLite", () => {
  it.each(["shop", "shop.db"])(
    "asks the database %s by bound parameters, and knows its columns",
    async (name) => {
      const stages = `  - lookup:
      sqlite: ${name}
      sql: select name, note from buyers where id = $id
      parameters: { id: record.buyer }
      as: buyer
      replace: true
      onMissing: drop
  - map: { id: record.id, name: 'record.buyer.name == null ? "" : record.buyer.name + "!"' }
`;
      expect(await problemsOf({ stages })).toEqual([]);
      const { records, summary } = await run({ stages });
      expect(records).toEqual([
        { id: 1, name: "Ada!" },
        { id: 3, name: "Bob!" },
      ]);
      expect(summary).toMatchObject({ delivered: 2, filtered: 1 });
    },
  );

  it("is checked before it runs", async () => {
    const cases: readonly (readonly [string, string])[] = [
      [
        "sql: select nam from buyers where id = $id, parameters: { id: record.buyer }",
        "The query of …/shop.db is wrong: no such column: nam",
      ],
      [
        "sql: select name from buyers where id = $key, parameters: { id: record.buyer }",
        "The SQL speaks of key, of which parameters says nothing | Such as parameters: { key: record.key }.",
      ],
      ["sql: select name from buyers, parameters: { id: record.buyer }", "The SQL does not speak of id"],
      [
        "sql: select name from buyers where id = ?",
        'sqliteTable: sql must be a statement whose parameters have names, got "?" | Such as $id.',
      ],
      [
        "sql: select name from buyers; delete from buyers",
        'sqliteTable: sql must be one statement, got "several" | Leave out what is behind the first.',
      ],
      ["sql: delete from buyers where id = 1", "it is no query, and gives no rows"],
      [
        "sql: select name from buyers where id = $id, parameters: { id: record.byer }",
        "record.byer: there is no such field | Did you mean buyer?",
      ],
      [
        "sql: select name from buyers where id = $id, parameters: { id: record.buyer }, fields: { a: nme }",
        'What is found has no key "nme" | It has name.',
      ],
    ];
    for (const [options, problem] of cases) {
      const problems = await problemsOf({ stages: `  - lookup: { sqlite: shop, ${options}, as: found }\n` });
      expect(problems).toEqual([expect.stringContaining(problem)]);
    }
    const crm = "  - lookup: { sqlite: crm, sql: select 1, as: found }\n";
    expect((await problemsOf({ stages: crm }))[0]).toContain('The resource "crm" is no database in a file');
    const none = "  - lookup: { sqlite: shp.db, sql: select 1, as: found }\n";
    expect((await problemsOf({ stages: none }))[0]).toContain('There is no file "shp.db"');
  });

  it("tells a database that cannot be asked from a query that is wrong", async () => {
    const files = { "none.db": "x".repeat(1_000) };
    const stages = "  - lookup: { sqlite: none.db, sql: select 1 as one, as: found }\n";
    expect(await problemsOf({ stages, files })).toEqual([
      "error 5:13 Could not ask the database …/none.db: file is not a database | Is it a whole database of SQLite?",
    ]);
  });

  it("waits for a database that is locked for a moment, lets all else go on, and says so of one that stays locked", async () => {
    const directory = projectOf({
      stages: "  - lookup: { sqlite: shop, sql: select name from buyers where id = 7, as: found }\n",
    });
    const writer = new DatabaseSync(join(directory, "shop.db"));
    writer.exec("begin exclusive");
    const checkIt = async (): Promise<readonly string[]> =>
      (await checkProject(await openProject({ directory }))).map(
        ({ message, hint = "" }) => `${message.replace(directory, "…")} | ${hint}`,
      );
    const problems = checkIt();
    expect(await problems).toEqual([
      "Could not ask the database …/shop.db: database is locked | Another process keeps it locked: look again when that has written, or set its journal_mode to WAL.",
    ]);
    const again = checkIt();
    // It has its turn while the check waits.
    const timer = setTimeout(() => writer.exec("commit"), 200);
    expect(await again).toEqual([]);
    clearTimeout(timer);
    writer.close();
  });

  it("says what to do where a comma has ended an expression", async () => {
    const hint = "In { } and [ ] a comma ends a text of YAML: put all of it in quotes.";
    const stages = `  - lookup: { sqlite: shop, sql: select name from buyers where id = $id, parameters: { id: get(record, "buyer", 1) }, as: found }
`;
    expect(await problemsOf({ stages })).toEqual([
      `error 5:102 expected ")", but the expression ends | ${hint}`,
      `error 5:113 "1)" must be a name of letters, digits and "_" | ${hint}`,
    ]);
    const mapped = `  - map: { a: get(record, "buyer", 1), b: record.land + "a, b", c: 1 + }
`;
    expect(await problemsOf({ stages: mapped })).toEqual([
      `error 5:25 expected ")", but the expression ends | ${hint}`,
      expect.stringContaining(`the text has no closing quote | ${hint}`),
      "error 5:71 the expression ends where a value is expected",
    ]);
    const unknown = `  - { filter: max(record.id, 1) > 0 }
`;
    expect((await problemsOf({ stages: unknown })).at(-1)).toBe(
      `error 5:30 Unknown key "1) > 0" in stages[0] | ${hint}`,
    );
  });

  it("does not trust what columns of a loose table say", async () => {
    const stages = `  - lookup: { sqlite: shop, sql: select name from loose where id = $id, parameters: { id: record.buyer }, fields: { name: name } }
  - map: '{"name": record.name + "!"}'
`;
    expect((await problemsOf({ stages }))[0]).toMatch(/^(?:error|warning) 6:/);
  });
});

describe("lookup at a server", () => {
  it("asks it with encoded values, once for each, and holds answers against a schema", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${String(request.headers["x-key"])}`);
      if (request.url === "/buyers/8") response.writeHead(404).end();
      else response.end(JSON.stringify({ name: request.url?.endsWith("7") === true ? "Ada" : 3 }));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has such an address.
    const { port } = server.address() as AddressInfo;
    const stages = `  - lookup:
      http: http://127.0.0.1:${port}/buyers/{id}
      values: { id: record.buyer }
      headers: { x-key: k }
      schema: { type: object, properties: { name: { type: string } }, required: [name] }
      rateLimit: { limit: 100, perMs: 1000, burst: 1 }
      cache: { missingMaxAgeMs: 1000 }
      retry: { attempts: 2 }
      fields: { name: name }
    id: buyer
    concurrency: 2
    onError: dead-letter
  - filter: record.name != null
  - map: { id: record.id, name: record.name }
`;
    expect(await problemsOf({ stages }, true)).toEqual([]);
    const { records, summary, letters } = await run({ stages });
    expect(records).toEqual([{ id: 1, name: "Ada" }]);
    expect(summary).toMatchObject({ read: 3, delivered: 1, filtered: 1, deadLettered: 1 });
    expect(letters[0]).toMatch(/was answered with something else: name: /);
    expect(seen.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["/buyers/7 k", "/buyers/8 k", "/buyers/9 k"]);
  });

  it("may be a resource of the project, with its headers", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${String(request.headers["x-key"])}`);
      response.end('{"name":"Ada"}');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has such an address.
    const { port } = server.address() as AddressInfo;
    const files = {
      "atomic.yaml": `name: shop
resources:
  crm: { type: http, url: "http://127.0.0.1:${port}/v1/", headers: { x-key: { secretFile: key.txt } } }
  hidden: { type: http, url: { env: CRM_URL } }
`,
      "key.txt": "4f-11\n",
    };
    const stages = (http: string): string =>
      `  - lookup: { http: { ${http} }, values: { id: record.id }, as: found }\n`;
    const good = stages('resource: crm, path: "users/{id}"');
    // Of the project's file alone.
    expect(await problemsOf({ stages: good, files })).toEqual([
      expect.stringContaining("The environment variable CRM_URL is not set"),
    ]);
    expect((await run({ stages: good, files })).records[0]).toEqual({ ...orders[0], found: { name: "Ada" } });
    expect(seen.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "/v1/users/1 4f-11",
      "/v1/users/2 4f-11",
      "/v1/users/3 4f-11",
    ]);
    const problems = async (http: string) => (await problemsOf({ stages: stages(http), files })).join();
    expect(await problems("resource: crn, path: '{id}'")).toContain(
      'The project has no resource "crn" of type http | Did you mean "crm"?',
    );
    expect(await problems("resource: hidden, path: '{id}'")).toContain(
      'The address of the resource "hidden" is a secret',
    );
    expect(await problems("resource: crm, path: users")).toContain("The address does not speak of id");
  });

  it("is checked before it runs", async () => {
    const cases: readonly (readonly [string, string])[] = [
      [
        'http: "https://example.com/{id}", values: { key: record.id }',
        "The address speaks of id, of which values says nothing | Such as values: { id: record.id }.",
      ],
      [
        'http: "https://{host}/a", values: { host: record.land }',
        "an address whose host has no names in braces",
      ],
      ['http: "https://example.com/{id}", values: { id: record.iid }', "record.iid: there is no such field"],
    ];
    for (const [options, problem] of cases) {
      const problems = await problemsOf({ stages: `  - lookup: { ${options}, as: found }\n` });
      expect(problems).toEqual([expect.stringContaining(problem)]);
    }
  });
});

describe("join in a flow file", () => {
  const files = {
    "buyers.csv": "id,name\n7,Ada\n9,Bob\n7,Abe\n",
    "bad.csv": "id,name\n7,Ada\n9\n",
  };
  const source = "{ file: buyers.csv, types: { id: integer }, columns: [id, name], header: true }";

  it("puts the other side's records into records, which stages behind it know", async () => {
    const stages = `  - join:
      source: ${source}
      on: { left: buyer, right: id }
      as: person
  - map: { id: record.id, name: record.person.name }
`;
    expect(await problemsOf({ stages, files }, true)).toEqual([]);
    const { records, summary, flow } = await run({ stages, files });
    expect(records).toEqual([
      { id: 1, name: "Ada" },
      { id: 1, name: "Abe" },
      { id: 3, name: "Bob" },
    ]);
    expect(summary).toMatchObject({ status: "success", read: 3, delivered: 2, filtered: 1 });
    expect(flow.flow.stages[0]).toEqual({ id: "join", kind: "join", needsAll: false });
  });

  it.each([
    ["left", [1, 1, 2, 3]],
    ["semi", [1, 3]],
    ["anti", [2]],
  ])("of type %s", async (type, ids) => {
    const as = type === "left" ? ", as: person" : "";
    const stages = `  - join: { source: ${source}, on: { left: record.buyer, right: record.id }, type: ${type}${as}, maxInMemory: 1 }
  - sort: { by: [id] }
  - map: record.id
`;
    expect(await problemsOf({ stages, files }, true)).toEqual([]);
    expect((await run({ stages, files })).records).toEqual(ids);
  });

  it("is checked before it runs", async () => {
    const on = "on: { left: buyer, right: id }";
    const cases: readonly (readonly [string, string])[] = [
      [`source: buyrs.csv, ${on}, as: a`, 'There is no file "buyrs.csv" | Did you mean "buyers.csv"?'],
      [
        "source: { file: buyers.csv, columns: [id, name] }, on: { left: buyer, right: id }, as: a",
        "No record can have the same key: here it is a whole number, on the other side a text | ",
      ],
      [`source: ${source}, on: id, as: id`, 'The records have a key "id" already'],
      [`source: ${source}, on: buyer, as: a`, "record.buyer: there is no such field | There are id, name."],
      [`source: ${source}, ${on}`, "A join needs as: the key under which the other side's record is found"],
      [`source: ${source}, ${on}, type: anti, as: a`, "A join of type anti adds nothing, and so needs no as"],
      [
        `source: { file: buyers.csv, types: { id: integer }, onError: dead-letter }, ${on}, as: a`,
        "The other side of a join has no dead letters",
      ],
      [
        `source: { file: buyers.csv, types: { id: integer, idd: integer } }, ${on}, as: a`,
        "source.types must be the types of columns of the file",
      ],
    ];
    for (const [options, problem] of cases) {
      const problems = await problemsOf({ stages: `  - join: { ${options} }\n`, files });
      expect(problems).toEqual([expect.stringContaining(problem)]);
      expect(problems[0]).toMatch(/^error 5:/);
    }
    const nullable = `  - join: { source: ${source}, ${on}, type: left, as: a }\n  - map: record.a.name\n`;
    expect((await problemsOf({ stages: nullable, files }))[0]).toContain("6:10 record.a");
  });

  it.each([
    `join: { source: ${source}, on: { left: buyer, right: id }, as: __proto__ }`,
    "lookup: { file: countries.csv, key: code, by: land, as: __proto__ }",
    "lookup: { file: countries.csv, key: code, by: land, fields: { a: name }, as: __proto__ }",
  ])("puts nothing under __proto__: %s", async (stage) => {
    expect(await problemsOf({ stages: `  - ${stage}\n`, files })).toEqual([
      expect.stringContaining('The key "__proto__" is not allowed'),
    ]);
  });

  it("does not read standard input on both sides", async () => {
    const both = `source: { stdin: true }
stages:
  - join: { source: { stdin: true }, on: id, as: other }
sink: out.jsonl
`;
    expect(await problemsOf({ stages: "", files: { "work.flow.yaml": both } })).toEqual([
      "error 3:21 Standard input is what another source of the flow reads already | It can be read once: have one of them read a file.",
    ]);
  });

  it("ends the flow with what the other side cannot read, or leaves it out", async () => {
    const stages = (more: string): string =>
      `  - join: { source: { file: bad.csv, types: { id: integer }${more} }, on: { left: buyer, right: id }, as: person }\n`;
    const failed = await run({ stages: stages(""), files });
    expect(failed.summary.status).toBe("failed");
    expect(failed.summary.error?.message).toMatch(/other side of stage "join": bad.csv:3:2: has 1 field/);
    const dropped = await run({ stages: stages(", onError: drop"), files });
    expect(dropped.summary).toMatchObject({ status: "success", delivered: 1, filtered: 2 });
  });
});

describe("another agent's answer under a key", () => {
  const files = {
    "agents/shout.ts": `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";

export const shout = defineAgent({
  name: "shout",
  description: "Turns a text into capitals.",
  input: z.object({ text: z.string() }),
  output: z.object({ loud: z.string() }),
  execute: ({ text }) => ({ loud: text.toUpperCase() }),
});
`,
  };
  const agent = "agent: ./agents/shout.ts#shout, input: { text: record.land }";

  it("goes on with the record, which stages behind it know", async () => {
    const stages = `  - { ${agent}, as: said }\n  - map: { id: record.id, loud: record.said.loud }\n`;
    expect(await problemsOf({ stages, files }, true)).toEqual([]);
    expect((await run({ stages, files })).records).toEqual([
      { id: 1, loud: "FR" },
      { id: 2, loud: "XX" },
      { id: 3, loud: "DE" },
    ]);
  });

  it("takes the place of nothing", async () => {
    expect(await problemsOf({ stages: `  - { ${agent}, as: land }\n`, files })).toEqual([
      expect.stringContaining('The records have a key "land" already'),
    ]);
    expect(await problemsOf({ stages: `  - { ${agent}, as: said, output: output.loud }\n`, files })).toEqual([
      expect.stringContaining("as and output both say what goes on"),
    ]);
    const open = "{ type: object, properties: { land: { type: string } }, required: [land] }";
    const done = await run({
      stages: `  - { ${agent}, as: buyer, onError: dead-letter }\n`,
      schema: open,
      files,
    });
    expect(done.letters[0]).toBe('The output mapping failed: the record has a key "buyer" already');
  });
});

it("docs/enrichment.md shows stages that are written rightly", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/enrichment.md"), "utf8");
  const blocks = Array.from(
    page.matchAll(/^```yaml\n(?<stages>stages:[^]*?)^```$/gm),
    ({ groups = {} }) => groups["stages"] ?? "",
  );
  expect(blocks).toHaveLength(3);
  for (const stages of blocks) {
    const { document, problems } = parseText(`source: a.jsonl\nsink: b.jsonl\n${stages}`, {
      file: "a.flow.yaml",
    });
    expect(problems).toEqual([]);
    expect(document && checkFlowFile(document)).toEqual([]);
  }
});
