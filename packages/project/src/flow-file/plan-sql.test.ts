import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { flow, fromIterable } from "@atomic-agents/flow";
import { toParquet } from "@atomic-agents/flow/duckdb";
import { afterAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

const out = join(import.meta.dirname, "../../../../out");
mkdirSync(out, { recursive: true });
const folder = realpathSync(mkdtempSync(join(out, "sql-")));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

const sales = [
  { id: 1, country: "FR", price: 3 },
  { id: 2, country: "DE", price: 2.5 },
  { id: 3, country: "FR", price: 5 },
];

async function projectOf(text: string): Promise<string> {
  const directory = join(folder, String(count++));
  const write = (name: string, content: string): void => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  };
  write("atomic.yaml", "name: shop\n");
  write("work.flow.yaml", text);
  write("sales.jsonl", sales.map((sale) => `${JSON.stringify(sale)}\n`).join(""));
  await flow(fromIterable(sales)).to(toParquet("sales.parquet", { directory }));
  return directory;
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const project = await openProject({ directory: await projectOf(text) });
  return (await checkProject(project, { strict: false })).map(
    ({ severity, line, column, message, hint }) => `${severity} ${line}:${column} ${message} | ${hint ?? ""}`,
  );
}

async function run(text: string) {
  const directory = await projectOf(text);
  const project = await openProject({ directory });
  const summary = await (await loadFlow(project, "work")).start().summary;
  const read = (name: string): unknown[] =>
    readFileSync(join(directory, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  return { summary, directory, read };
}

const typed = `source:
  file: sales.jsonl
  schema: { type: object, properties: { id: { type: integer }, country: { type: string }, price: { type: number } }, required: [id, country, price], additionalProperties: false }
`;

describe("running", () => {
  it("reads Parquet by columns and condition, runs SQL, and writes Parquet", async () => {
    const { summary, directory } =
      await run(`source: { file: sales.parquet, columns: [country, price], where: price > $min, parameters: { min: 2.5 } }
stages:
  - sql:
      query: select country, sum(price) as total, $label as label from records group by all
      parameters: { label: "'; drop table records; --" }
      memoryLimitMb: 64
sink: out/totals.parquet
`);
    expect(summary).toMatchObject({ status: "success", read: 2, delivered: 2, emitted: 1 });
    writeFileSync(join(directory, "again.flow.yaml"), "source: out/totals.parquet\nsink: out/totals.jsonl\n");
    const again = await openProject({ directory });
    const read = await (await loadFlow(again, "again")).start().summary;
    expect(read.status).toBe("success");
    expect(readFileSync(join(directory, "out/totals.jsonl"), "utf8")).toBe(
      `{"country":"FR","total":8,"label":"'; drop table records; --"}\n`,
    );
  });

  it("reads the rows of a query over files of the project", async () => {
    const { summary, read } = await run(`source:
  sql: select s.id, s.price * $by as price from sales as s join other using (id) order by id
  parameters: { by: 2 }
  tables: { sales: sales.parquet, other: "*.jsonl" }
sink: out.jsonl
`);
    expect([summary.error, read("out.jsonl")]).toEqual([
      undefined,
      [
        { id: 1, price: 6 },
        { id: 2, price: 5 },
        { id: 3, price: 10 },
      ],
    ]);
  });

  it("goes on with typed records after SQL", async () => {
    const { read } = await run(`${typed}stages:
  - sql: select country, count(*) as sales from records group by all order by all
  - filter: record.sales > 1
sink: out.jsonl
`);
    expect(read("out.jsonl")).toEqual([{ country: "FR", sales: 2 }]);
  });
});

describe("checking", () => {
  it.each([
    [
      "a column that is not there, where it stands in the SQL",
      `${typed}stages:
  - sql: |
      select contry,
        sum(price) as total
      from records group by all
sink: out.jsonl
`,
      [
        'error 6:14 Referenced column "contry" not found in FROM clause | Did you mean country? The columns of records are: id, country, price.',
      ],
    ],
    [
      "SQL after SQL, by the columns that that gives",
      `${typed}stages:
  - sql: select country, sum(price) as total from records group by all
  - sql: { query: "select price from records" }
sink: out.jsonl
`,
      [
        'error 6:27 Referenced column "price" not found in FROM clause | Did you mean country? The columns of records are: country, total.',
      ],
    ],
    [
      "a parameter without a value",
      `${typed}stages:\n  - sql: select $a as a from records\nsink: out.jsonl\n`,
      ["error 5:10 There is no parameter a | Give its value under parameters."],
    ],
    [
      "anything but a query",
      `${typed}stages:\n  - sql: drop table records\nsink: out.jsonl\n`,
      ["error 5:10 It is no query | Write one SELECT, name its columns with AS, and cast what is no JSON."],
    ],
    [
      "files in a stage of SQL",
      `${typed}stages:\n  - sql: select * from read_text('/etc/hostname')\nsink: out.jsonl\n`,
      [
        'error 5:24 Cannot access file "/etc/hostname" - file system operations are disabled by configuration | The columns of records are: id, country, price.',
      ],
    ],
    [
      "files outside of the project",
      "source: { sql: select * from read_text('/etc/hostname') }\nsink: out.jsonl\n",
      [
        'error 1:30 Cannot access file "/etc/hostname" - file system operations are disabled by configuration | Correct the SQL.',
      ],
    ],
    [
      "columns that a Parquet file has not",
      "source: { file: sales.parquet, columns: [id, prise] }\nsink: out.jsonl\n",
      ["error 1:41 There is no column prise | The columns there are: id, country, price."],
    ],
    [
      "a condition that is wrong",
      "source: { file: sales.parquet, where: id > 1 and prise > 2 }\nsink: out.jsonl\n",
      [
        'error 1:50 Referenced column "prise" not found in FROM clause | Did you mean price? The columns of records are: id, country, price.',
      ],
    ],
    [
      "a condition where there is no Parquet",
      "source: { file: sales.jsonl, where: id > 1 }\nsink: out.jsonl\n",
      [
        "error 1:30 Only rows of Parquet are chosen by where and parameters | Use a filter, or a source { sql: … } that reads the file.",
      ],
    ],
    [
      "texts that would be rows",
      `${typed}stages:\n  - map: record.country\nsink: out.parquet\n`,
      [
        'error 6:7 These records cannot be rows of Parquet: expected object, got string "" | Make objects of them by a map before.',
      ],
    ],
  ])("tells %s", async (_, text, problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  it("finds nothing wrong with what is right, also where columns are not known", async () => {
    const text = "source: sales.jsonl\nstages:\n  - sql: select anything from records\nsink: out.parquet\n";
    expect(await problemsOf(text)).toEqual([]);
    const row = `${typed}stages:\n  - sql: select id, price from records\n  - map: { id: record.id, double: record.price * 2 }\nsink: out.csv\n`;
    expect(await problemsOf(row)).toEqual([]);
  });
});
