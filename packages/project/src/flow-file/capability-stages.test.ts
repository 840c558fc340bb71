import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

const out = join(import.meta.dirname, "../../../../out");
mkdirSync(out, { recursive: true });
const folder = realpathSync(mkdtempSync(join(out, "capabilities-")));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

function write(files: Readonly<Record<string, string>>): string {
  const directory = join(folder, String(count++));
  for (const [name, content] of Object.entries({ "atomic.yaml": "name: shop\n", ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

const lines = (values: readonly unknown[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

interface Example {
  readonly stages: string;
  readonly schema?: string;
  readonly records?: readonly unknown[];
  readonly files?: Readonly<Record<string, string>>;
}

function projectOf({ stages, schema, records = [{}], files = {} }: Example): string {
  const source = `source:\n  file: in.jsonl\n${schema === undefined ? "" : `  schema: ${schema}\n`}`;
  return write({
    "in.jsonl": lines(records),
    "work.flow.yaml": `${source}stages:\n${stages}sink: out.jsonl\n`,
    ...files,
  });
}

/** What the check says: severity, line and column, message, hint. */
async function problemsOf(example: Example, strict = false): Promise<readonly string[]> {
  const project = await openProject({ directory: projectOf(example) });
  return (await checkProject(project, { strict })).map(
    ({ severity, line, column, message, hint }) =>
      `${severity} ${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`,
  );
}

async function run(example: Example) {
  const directory = projectOf(example);
  const flow = await loadFlow(await openProject({ directory }), "work");
  const summary = await flow.start().summary;
  const written = summary.status === "failed" ? "" : readFileSync(join(directory, "out.jsonl"), "utf8");
  const records = written
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
  return { summary, records, letters: summary.deadLetters.map(({ error }) => error.message), flow };
}

describe("transform in a flow file", () => {
  const schema =
    "{ type: object, properties: { id: { type: integer }, price: { type: string } }, required: [id, price], additionalProperties: false }";

  it("changes records, and tells stages behind it what they are", async () => {
    const stages = `  - transform:
      rename: { id: number }
      cast: { price: number }
      derive: { label: string(record.number) + ":" + string(record.price) }
    onError: dead-letter
  - filter: record.price > 1
`;
    const records = [
      { id: 1, price: "2.5" },
      { id: 2, price: "none" },
      { id: 3, price: "0.5" },
    ];
    expect(await problemsOf({ stages, schema }, true)).toEqual([]);
    const done = await run({ stages, schema, records });
    expect(done.summary).toMatchObject({ read: 3, delivered: 1, filtered: 1, deadLettered: 1 });
    expect(done.records).toEqual([{ number: 1, price: 2.5, label: "1:2.5" }]);
    expect(done.letters).toEqual(["The transform failed: price: the text is not a number"]);
    expect(done.flow.flow.stages).toMatchObject([{ id: "transform" }, { id: "filter" }]);
  });

  it("finds what is misspelt, with the place and what may be meant", async () => {
    const stages = `  - transform:
      cast: { prise: number }
      derive: { twice: record.prize * 2 }
      drop: [idd]
  - filter: record.price > 1
`;
    expect(await problemsOf({ stages, schema })).toEqual([
      'error 6:15 there is no such field: prise | Did you mean "price"?',
      "error 7:31 record.prize: there is no such field | Did you mean price?",
      'error 8:14 there is no such field: idd | Did you mean "id"?',
    ]);
    const behind = "  - transform: { drop: [price] }\n  - filter: record.price > 1\n";
    expect(await problemsOf({ stages: behind, schema })).toEqual([
      "error 6:20 record.price: there is no such field | There are id.",
    ]);
    const shape = "  - transform: { casts: { id: text } }\n";
    expect(await problemsOf({ stages: shape, schema })).toEqual([
      'error 5:18 Unknown key "casts" in stages[0].transform | Did you mean "cast"?',
    ]);
  });
});
