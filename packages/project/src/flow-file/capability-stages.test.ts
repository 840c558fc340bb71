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

describe("redact in a flow file", () => {
  const schema =
    "{ type: object, properties: { note: { type: string, maxLength: 99 }, user: { type: object, properties: { pin: { type: integer } } } }, required: [note], additionalProperties: false }";
  const records = [{ note: "ask ada@example.org", user: { pin: 1234 } }, { note: "pay 4111111111111111" }];

  it("takes out what is said, and tells stages behind it what records are", async () => {
    const stages = `  - redact: { find: [email, card], keys: [user.pin], counts: redacted }
  - map: { note: record.note, pin: 'get(record, "user.pin", "none")', emails: 'get(record, "redacted.email", 0)' }
`;
    expect(await problemsOf({ stages, schema }, true)).toEqual([]);
    expect((await run({ stages, schema, records })).records).toEqual([
      { note: "ask [email]", pin: "[redacted]", emails: 1 },
      { note: "pay [card]", pin: "none", emails: 0 },
    ]);
  });

  it("finds what is misspelt", async () => {
    expect(await problemsOf({ stages: "  - redact: { keys: [user.pim] }\n", schema })).toEqual([
      'error 5:22 there is no such field: user.pim | Did you mean "pin"?',
    ]);
    expect(await problemsOf({ stages: "  - redact: { find: [mail] }\n" })).toEqual([
      'error 4:22 stages[0].redact.find[0] must be one of email, phone, card, iban, got the text "mail" | Did you mean "email"?',
    ]);
  });

  it("hashes with a secret alone", async () => {
    expect((await problemsOf({ stages: "  - redact: { with: hash }\n" }))[0]).toMatch(
      /^error 4:\d+ redact: key must be a secret, for with: hash/,
    );
    const stages = "  - redact: { with: hash, key: { env: NO_SUCH_KEY_IS_SET } }\n";
    expect((await problemsOf({ stages }))[0]).toMatch(/^warning 4:\d+ The environment variable NO_SUCH_KEY/);
    await expect(run({ stages })).rejects.toThrow(/NO_SUCH_KEY_IS_SET/);
    const files = { "key.txt": "correct horse battery\n" };
    const withFile = "  - redact: { find: [email], with: hash, key: { secretFile: key.txt } }\n";
    const done = await run({ stages: withFile, records, files });
    expect(done.records[0]).toMatchObject({ note: expect.stringMatching(/^ask \[email:[a-p]{24}\]$/) });
  });
});

describe("validate in a flow file", () => {
  const stageOf = (more: string): string =>
    `  - validate: { schema: { type: object, properties: { id: { type: integer }, price: { type: number } }, required: [id, price] }${more} }\n`;
  const records = [
    { id: 1, price: 2 },
    { id: "2", price: "2.5" },
    { id: 3, price: "much" },
  ];

  it("fails records that do not fit, with all that is wrong", async () => {
    const done = await run({ stages: `${stageOf("")}    onError: dead-letter\n`, records });
    expect(done.records).toEqual([records[0]]);
    const { deadLetters } = done.summary;
    expect(deadLetters.map(({ error }) => error.code)).toEqual(["VALIDATION_INPUT", "VALIDATION_INPUT"]);
    expect(done.letters[0]).toBe(
      'The record does not fit its schema: id: expected integer, got string "2"; price: expected number, got string "2.5"',
    );
    expect(deadLetters[0]?.error.details).toMatchObject({
      issues: [
        { path: "id", expected: "integer", got: 'string "2"' },
        { path: "price", expected: "number", got: 'string "2.5"' },
      ],
    });
    const stopped = await run({ stages: stageOf(""), records });
    expect(stopped.summary.status).toBe("failed");
  });

  it("makes what is asked for of texts, where that is said", async () => {
    const stages = `${stageOf(", mode: coerce")}    onError: dead-letter\n  - filter: record.price > 1\n`;
    expect(await problemsOf({ stages }, true)).toEqual([]);
    const done = await run({ stages, records });
    expect(done.records).toEqual([records[0], { id: 2, price: 2.5 }]);
    expect(done.letters).toHaveLength(1);
  });

  it("lets records go on with what is wrong", async () => {
    const done = await run({
      stages: `${stageOf(", report: true")}  - filter: size(record.issues) > 0\n`,
      records,
    });
    expect(done.records).toMatchObject([
      { id: "2", issues: [{ path: "id" }, { path: "price" }] },
      { id: 3, price: "much", issues: [{ path: "price", message: "must be number", expected: "number" }] },
    ]);
    const named = await run({ stages: stageOf(", report: wrong, mode: coerce"), records });
    expect(named.records.map((record) => (record as { wrong: unknown[] }).wrong.length)).toEqual([0, 0, 1]);
    // As it was.
    expect(named.records[2]).toMatchObject({ price: "much" });
  });

  it("takes a schema of a file, on whose content the design depends", async () => {
    const stages = "  - validate: { schema: ./item.schema.json }\n";
    const of = (type: string) => ({
      stages,
      files: { "item.schema.json": `{"type":"object","properties":{"a":{"type":"${type}"}}}` },
    });
    const { flow } = await run(of("integer"));
    const other = await run(of("string"));
    expect((await run(of("integer"))).flow.hash).toBe(flow.hash);
    expect(other.flow.hash).not.toBe(flow.hash);
  });

  it("finds schemas that are faulty or that no record fits", async () => {
    expect((await problemsOf({ stages: "  - validate: { schema: { type: objct } }\n" }))[0]).toMatch(
      /^error 4:\d+ The JSON Schema is faulty/,
    );
    const schema = "{ type: object, properties: { id: { type: string } }, required: [id] }";
    expect((await problemsOf({ stages: stageOf(""), schema }))[0]).toMatch(
      /^error 5:\d+ The schema takes none of these records/,
    );
    expect(await problemsOf({ stages: stageOf(", mode: coerce"), schema })).toEqual([]);
  });
});

describe("profile in a flow file", () => {
  it("makes one record of all, whose fields are rows", async () => {
    const stages = `  - profile
  - split: record.fields
  - map: { path: record.path, present: record.present, median: 'get(record, "quantiles.p50", null)' }
`;
    expect(await problemsOf({ stages }, true)).toEqual([]);
    const records = [{ a: 1 }, { a: 1, b: "x" }, { a: 3 }];
    expect((await run({ stages, records })).records).toEqual([
      { path: "a", present: 3, median: 1 },
      { path: "b", present: 1, median: null },
    ]);
    const shown = await run({ stages: "  - profile: { quantiles: [0.9] }\n", records });
    expect(shown.records).toMatchObject([{ records: 3, fields: [{ quantiles: { p90: 3 } }, {}] }]);
    expect(shown.flow.flow.stages).toEqual([{ id: "profile", kind: "operator", needsAll: true }]);
  });

  it("is checked as the others are", async () => {
    expect(await problemsOf({ stages: "  - profile: { quantiles: [2] }\n" })).toEqual([
      "error 4:28 stages[0].profile.quantiles[0] must be a number from 0 to 1, got 2",
    ]);
    expect((await problemsOf({ stages: "  - profile\n  - filter: record.recrods > 1\n" }))[0]).toMatch(
      /record.recrods: there is no such field . Did you mean records/,
    );
  });
});
