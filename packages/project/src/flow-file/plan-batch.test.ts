import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { formatProblem } from "../files/problem.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

// Modules are imported in processes of their own first.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const folder = realpathSync(mkdtempSync(join(scratch, "plan-batch-")));
afterAll(() => rmSync(folder, { recursive: true }));

const agents = `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";

export const calls: number[] = [];
export const embed = defineAgent({
  name: "embed",
  description: "Makes numbers of texts, and refuses empty ones.",
  input: z.array(z.string()),
  output: z.array(
    z.union([
      z.object({ ok: z.literal(true), output: z.object({ vector: z.array(z.number()) }) }),
      z.object({ ok: z.literal(false), error: z.object({ message: z.string() }) }),
    ]),
  ),
  execute: (texts) =>
    texts.map((text) =>
      text === "" && process.env["CURED"] === undefined
        ? ({ ok: false, error: { message: "empty" } } as const)
        : ({ ok: true, output: { vector: [texts.length, text.length] } } as const),
    ),
});
export const lengths = defineAgent({
  name: "lengths",
  description: "Tells how long texts are.",
  input: z.array(z.string()),
  output: z.array(z.int()),
  execute: (texts) => texts.map((text) => text.length),
});
export const few = defineAgent({
  name: "few",
  description: "Takes ten texts.",
  input: z.array(z.string()).max(10),
  output: z.array(z.string()),
  execute: (texts) => texts,
});
export const joined = defineAgent({
  name: "joined",
  description: "Joins texts.",
  input: z.array(z.string()),
  output: z.string(),
  execute: (texts) => texts.join(),
});
export const label = defineAgent({
  name: "label",
  description: "Labels one text.",
  input: z.object({ text: z.string() }),
  output: z.object({ label: z.string() }),
  execute: ({ text }) => ({ label: text }),
});
`;

const head = `source:
  file: data/texts.jsonl
  schema:
    type: object
    properties: { id: { type: integer }, text: { type: string } }
    required: [id, text]
`;

let count = 0;

/** A project with one flow, `texts`. */
async function projectOf(stages: string) {
  const directory = join(folder, String(count++));
  const files = {
    "atomic.yaml": ["embed", "lengths", "label", "few", "joined"]
      .map((name) => `  ${name}: ./agents.ts#${name}\n`)
      .reduce((text, line) => text + line, "agents:\n"),
    "agents.ts": agents,
    "data/texts.jsonl": ["a", "bb", "", "dddd", "eeeee"]
      .map((text, index) => `${JSON.stringify({ id: index + 1, text })}\n`)
      .join(""),
    "texts.flow.yaml": `${head}stages:\n${stages}sink: out/texts.jsonl\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  const project = await openProject({ directory, environment: {} });
  const read = (file: string): unknown[] =>
    readFileSync(resolve(directory, file), "utf8")
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  return { project, directory, read };
}

async function problemsOf(stages: string, strict = true): Promise<readonly string[]> {
  const { project } = await projectOf(stages);
  return (await checkProject(project, { strict })).map((problem) => formatProblem(problem));
}

const embedStage = (more = "") => `  - agent: embed
    batch: { size: 2, settled: true }
    input: record.text
    output: { id: record.id, first: "output.vector[0]" }
    onError: dead-letter
${more}`;

describe("batches in a flow file", () => {
  it("gives an agent lists; each record goes on or fails by itself, and can be done again", async () => {
    const { project, read } = await projectOf(embedStage());
    expect(await checkProject(project, { strict: false })).toEqual([]);
    const loaded = await loadFlow(project, "texts");
    const run = loaded.start();
    expect(await run.summary).toMatchObject({ status: "partial", read: 5, delivered: 4, deadLettered: 1 });
    expect(read("out/texts.jsonl")).toEqual([
      { id: 1, first: 2 },
      { id: 2, first: 2 },
      { id: 4, first: 2 },
      { id: 5, first: 1 },
    ]);
    const lettersFile = loaded.deadLettersOf(run.id) ?? "";
    expect(read(lettersFile)).toMatchObject([
      {
        record: 3,
        stage: "embed",
        agent: "embed",
        entry: { kind: "stage", id: "embed" },
        input: { id: 3, text: "" },
        error: { message: 'Agent "embed" refused a record of a batch: empty' },
      },
    ]);
    await loaded.close();
    vi.stubEnv("CURED", "yes");
    const again = await loadFlow(project, "texts");
    expect(await (await again.redrive(lettersFile)).run.summary).toMatchObject({
      status: "success",
      read: 1,
      delivered: 1,
    });
    vi.unstubAllEnvs();
    await again.close();
  });

  it("puts what an agent gives for each record under a name of it", async () => {
    const { project, read } = await projectOf(
      "  - { agent: lengths, batch: 2, input: record.text, as: length }\n",
    );
    expect(await checkProject(project, { strict: true })).toEqual([]);
    expect(await (await loadFlow(project, "texts")).start().summary).toMatchObject({ delivered: 5 });
    expect(read("out/texts.jsonl").slice(0, 2)).toEqual([
      { id: 1, text: "a", length: 1 },
      { id: 2, text: "bb", length: 2 },
    ]);
  });

  it("makes lists by size, bytes and time", async () => {
    const { project, read } = await projectOf(`  - batch: { size: 4, maxBytes: 45, maxWaitMs: 60000 }
  - map: { ids: "record.map(each, each.id)" }
`);
    expect(await checkProject(project, { strict: true })).toEqual([]);
    expect(await (await loadFlow(project, "texts")).start().summary).toMatchObject({ delivered: 5 });
    // {"id":1,"text":"a"} are 19 bytes.
    expect(read("out/texts.jsonl")).toEqual([{ ids: [1, 2] }, { ids: [3, 4] }, { ids: [5] }]);
  });

  it("knows what goes on after an agent over batches", async () => {
    const lengths = "  - { agent: lengths, batch: 3, input: record.text }\n";
    expect(await problemsOf(`${lengths}  - filter: record > 2\n`)).toEqual([]);
    expect(await problemsOf(`${lengths}  - filter: record.size > 2\n`)).toEqual([
      expect.stringContaining("texts.flow.yaml:9:20: record is a whole number"),
    ]);
    expect(await problemsOf(embedStage("  - filter: record.last > 2\n"))).toEqual([
      expect.stringContaining("record.last"),
    ]);
  });

  it.each([
    [
      "an agent that takes single records",
      "  - { agent: label, batch: 100, input: { text: record.text } }\n",
      ["texts.flow.yaml:8:14: ", 'The agent "label" takes no lists'],
    ],
    [
      "records of another kind",
      "  - { agent: lengths, batch: 100 }\n",
      ["texts.flow.yaml:8:14: ", "takes none of these"],
    ],
    [
      "no size",
      "  - { agent: embed, input: record.text, batch: { settled: true } }\n",
      ["texts.flow.yaml:8:41: ", "This does not say when a batch is full"],
    ],
    [
      "no outcomes",
      "  - { agent: lengths, input: record.text, batch: { size: 3, settled: true } }\n",
      ["texts.flow.yaml:8:70: ", 'The agent "lengths" gives no outcomes'],
    ],
    [
      "more than the agent takes",
      "  - { agent: few, batch: 100, input: record.text }\n",
      [
        "texts.flow.yaml:8:26: ",
        'The agent "few" takes up to 10 records at a time, and a batch has up to 100',
      ],
    ],
    [
      "an agent that gives no lists",
      "  - { agent: joined, batch: 100, input: record.text }\n",
      ["texts.flow.yaml:8:14: ", 'The agent "joined" gives no list'],
    ],
    ["a size that is none", "  - batch: { size: 0 }\n", ["texts.flow.yaml:8:20: ", "a whole number from 1"]],
    [
      "an option that is none",
      "  - batch: { maxByte: 10 }\n",
      ["texts.flow.yaml:8:14: ", 'Unknown key "maxByte"'],
    ],
    [
      "settled where there is no agent",
      "  - batch: { size: 10, settled: true }\n",
      ["texts.flow.yaml:8:24: ", 'Unknown key "settled"'],
    ],
  ])("says what is wrong: %s", async (_what, stages, expected) => {
    const problems = await problemsOf(stages, false);
    expect(problems.length).toBeGreaterThan(0);
    for (const text of expected) expect(problems.join("\n")).toContain(text);
  });

  it("has no manner of batching in the flow's design", async () => {
    const hashOf = async (stages: string) =>
      (await loadFlow((await projectOf(stages)).project, "texts")).hash;
    const before = await hashOf(embedStage());
    expect(await hashOf(embedStage().replace("size: 2", "size: 50, maxWaitMs: 10"))).toBe(before);
    expect(await hashOf(embedStage().replace("[0]", "[1]"))).not.toBe(before);
    const lists = await hashOf("  - batch: 3\n");
    expect(await hashOf("  - batch: { size: 3, maxWaitMs: 5 }\n")).not.toBe(
      await hashOf("  - batch: { size: 4 }\n"),
    );
    expect(await hashOf("  - batch: 4\n")).not.toBe(lists);
  });
});
