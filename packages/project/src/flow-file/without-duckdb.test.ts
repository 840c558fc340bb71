import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";

vi.mock("@duckdb/node-api", () => {
  throw new Error("Cannot find package '@duckdb/node-api'");
});

const out = join(import.meta.dirname, "../../../../out");
mkdirSync(out, { recursive: true });
const directory = realpathSync(mkdtempSync(join(out, "without-duckdb-")));
afterAll(() => rmSync(directory, { recursive: true }));

it("says what to install, of each place that needs DuckDB", async () => {
  const schema =
    "{ type: object, properties: { id: { type: integer } }, required: [id], additionalProperties: false }";
  const files = {
    "atomic.yaml": "name: shop\n",
    "in.jsonl": '{"id":1}\n',
    "in.parquet": "PAR1",
    "a.flow.yaml": "source: in.parquet\nsink: a.jsonl\n",
    "b.flow.yaml": `source: { file: in.jsonl, schema: ${schema} }\nstages:\n  - sql: from records\nsink: b.parquet\n`,
    "c.flow.yaml": "source: { sql: select 1 as one }\nsink: c.jsonl\n",
    "d.flow.yaml": "source: in.jsonl\nstages:\n  - deduplicate: { by: [id], past: duckdb }\nsink: d.jsonl\n",
    "e.flow.yaml":
      "source: in.jsonl\nstages:\n  - sort: { by: [id], past: duckdb }\n  - join: { source: in.jsonl, on: id, type: semi, past: duckdb }\nsink: e.jsonl\n",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  const problems = await checkProject(await openProject({ directory }), { strict: false });
  expect(problems.map(({ file, line, column, hint }) => [`${file}:${line}:${column}`, hint])).toEqual([
    ["a.flow.yaml:1:9", "Install it: npm install @duckdb/node-api"],
    ["b.flow.yaml:3:10", "Install it: npm install @duckdb/node-api"],
    ["b.flow.yaml:4:7", "Install it: npm install @duckdb/node-api"],
    ["c.flow.yaml:1:16", "Install it: npm install @duckdb/node-api"],
    ["d.flow.yaml:3:36", "Install it: npm install @duckdb/node-api"],
    ["e.flow.yaml:3:29", "Install it: npm install @duckdb/node-api"],
    ["e.flow.yaml:4:57", "Install it: npm install @duckdb/node-api"],
  ]);
  expect(problems[0]?.message).toMatch(/needs DuckDB 1\.5 or later, the package @duckdb\/node-api/);
});
