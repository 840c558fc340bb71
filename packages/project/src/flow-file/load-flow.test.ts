import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { MemoryRunStore } from "@atomic-agents/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

// Modules are imported in processes of their own first.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const folder = realpathSync(mkdtempSync(join(scratch, "load-flow-")));
afterAll(() => rmSync(folder, { recursive: true }));

const agents = `import { defineAgent, resource } from "@atomic-agents/core";
import { defineSink, defineSource } from "@atomic-agents/flow";
import * as z from "zod";

export const classify = defineAgent({
  name: "classify",
  description: "Finds a label for a text.",
  input: z.object({ text: z.string() }),
  output: z.object({ label: z.enum(["bug", "question"]), score: z.number() }),
  execute: async ({ text }) => {
    if (text.includes("poison") && process.env["CURED"] === undefined) throw new Error("no answer");
    return { label: text.includes("?") ? "question" : "bug", score: text.length };
  },
});
export const numbers = defineSource({ name: "numbers", read: () => [{ id: 1 }, { id: 2 }, { id: 3 }] });
export const kept: unknown[] = [];
export const keep = defineSink({ name: "keep", open: () => ({ write: (records) => void kept.push(...records) }) });
export const Numbered = z.object({ id: z.int() });
`;

const tickets = [
  { id: 1, subject: "Login", body: "does not work" },
  { id: 2, subject: "poison", body: "pill" },
  { id: 3, subject: "How", body: "do I log in?" },
  { id: 4, subject: "More", body: "poison" },
  { id: "five", subject: "Odd", body: "" },
];

const ticketsFlow = `# yaml-language-server: $schema=./node_modules/@atomic-agents/project/schemas/flow.schema.json
name: tickets
description: Sorts tickets.
source:
  file: data/tickets.jsonl
  schema:
    type: object
    properties: { id: { type: integer }, subject: { type: string }, body: { type: string } }
    required: [id, subject, body]
stages:
  - agent: classify
    input: { text: record.subject + " " + record.body }
    output: { id: record.id, label: output.label, score: output.score }
    concurrency: 2
    onError: dead-letter
  - filter: record.score > 3
  - map: { id: record.id, label: upper(record.label) }
sink: out/tickets.jsonl
`;

let count = 0;

/** A project of these files, besides some that all have. */
async function projectOf(files: Readonly<Record<string, string>> = {}) {
  const directory = join(folder, String(count++));
  const all = {
    "atomic.yaml": "name: shop\nagents:\n  classify: ./agents.ts#classify\n",
    "agents.ts": agents,
    "data/tickets.jsonl": linesOf(tickets),
    "flows/tickets.flow.yaml": ticketsFlow,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const project = await openProject({ directory, environment: {} });
  const read = (path: string): unknown[] => recordsIn(readFileSync(join(directory, path), "utf8"));
  return { project, directory, read };
}

function linesOf(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

function recordsIn(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

describe("a flow file", () => {
  it("runs: records are read, mapped to the agent and back, filtered, and written; failures are kept", async () => {
    const { project, directory, read } = await projectOf();
    const loaded = await loadFlow(project, "tickets");
    expect(loaded).toMatchObject({
      name: "tickets",
      file: "flows/tickets.flow.yaml",
      description: "Sorts tickets.",
      source: "data/tickets.jsonl",
      sink: "out/tickets.jsonl",
      outputs: [join(directory, "out/tickets.jsonl")],
      writesStdout: false,
      isDryRun: false,
      warnings: [],
    });
    expect(loaded.stages.map(({ id, agent }) => [id, agent])).toEqual([
      ["classify", "classify"],
      ["filter", undefined],
      ["map", undefined],
    ]);
    const store = new MemoryRunStore();
    const run = loaded.start({ run: { store }, args: ["run", "tickets"] });
    const summary = await run.summary;
    expect(summary).toMatchObject({
      status: "partial",
      read: 5,
      delivered: 2,
      deadLettered: 3,
      unfinished: 0,
    });
    expect(read("out/tickets.jsonl")).toEqual([
      { id: 1, label: "BUG" },
      { id: 3, label: "QUESTION" },
    ]);
    const letters = loaded.deadLettersOf(run.id) ?? "";
    expect(letters).toBe(join(directory, ".atomic/dead-letters/tickets", `${run.id}.jsonl`));
    // In the order in which they failed.
    const failed = recordsIn(readFileSync(letters, "utf8")) as { readonly record: number }[];
    expect(failed.toSorted((a, b) => a.record - b.record)).toMatchObject([
      // The input is what the stage was given: the record, before it was mapped.
      {
        record: 2,
        stage: "classify",
        agent: "classify",
        input: tickets[1],
        flow: "tickets",
        flowHash: loaded.hash,
      },
      { record: 4, stage: "classify", input: tickets[3] },
      { record: 5, line: 5, stage: "data/tickets.jsonl", input: tickets[4] },
    ]);
    expect(store.get(run.id)?.flow?.origin).toMatchObject({
      file: "flows/tickets.flow.yaml",
      directory,
      args: ["run", "tickets"],
      outputs: loaded.outputs,
      deadLetters: letters,
    });
  });

  it("is found by its path as well, also in a folder without a project", async () => {
    const { directory } = await projectOf({
      "bare/a.flow.yaml": "source: in.txt\nstages: [{ map: record.text }]\nsink: out.txt\n",
      "bare/in.txt": "one\ntwo\n",
    });
    const bare = join(directory, "bare");
    rmSync(join(directory, "atomic.yaml"));
    const project = await openProject({ directory: bare });
    const loaded = await loadFlow(project, "./a.flow.yaml", { cwd: bare });
    expect((await loaded.start().summary).status).toBe("success");
    expect(readFileSync(join(bare, "out.txt"), "utf8")).toBe("one\ntwo\n");
  });

  it("refuses to be loaded with all that is wrong with it, and with options that are", async () => {
    const { project } = await projectOf({
      "flows/wrong.flow.yaml":
        "source: data/nothing.jsonl\nstages: [clasify, { filter: 'record.id >' }]\nsink: out/a.jsonl\n",
      "flows/shape.flow.yaml": "source: data/tickets.jsonl\n",
    });
    await expect(loadFlow(project, "wrong")).rejects.toMatchObject({
      code: "CONFIG",
      message: 'flows/wrong.flow.yaml:1:9: There is no file "data/nothing.jsonl" (and 2 more problems)',
      problems: [{ line: 1 }, { line: 2, column: 10 }, { line: 2, column: 41 }],
    });
    await expect(loadFlow(project, "shape")).rejects.toMatchObject({ problems: [{ code: "missing-key" }] });
    await expect(loadFlow(project, "none.flow.yaml")).rejects.toMatchObject({
      problems: [{ code: "unreadable" }],
    });
    await expect(loadFlow(project, "tickts")).rejects.toThrow('There is no flow "tickts"');
    await expect(loadFlow(project, "tickets", { limit: 0 })).rejects.toThrow(
      "limit must be a whole number from 1",
    );
    await expect(loadFlow(project, "tickets", { limt: 1 } as object)).rejects.toMatchObject({
      hint: "Did you mean limit?",
    });
  });

  it("needs of the project what it uses: what is wrong with all else is let be", async () => {
    const broken = `agents:
  classify: ./agents.ts#classify
  gone: ./gone.ts#gone
  lost: { use: ./agents.ts#classify, onfig: {} }
pipelines:
  unsound: { stages: [gone] }
  deep: { stages: [unsound] }
  round: { stages: [round] }
flows:
  away: flows/away.flow.yaml
`;
    const { project } = await projectOf({
      "atomic.yaml": broken,
      "flows/twins.flow.yaml": ticketsFlow,
      "flows/more/twins.flow.yaml": ticketsFlow,
      "flows/deep.flow.yaml": "source: data/tickets.jsonl\nstages: [deep]\nsink: out/deep.jsonl\n",
    });
    expect(project.problems.filter(({ severity }) => severity === "error")).toHaveLength(5);
    expect(await loadFlow(project, "tickets")).toMatchObject({ name: "tickets" });
    expect(await checkProject(project, { flow: "tickets" })).toEqual([]);
    await expect(loadFlow(project, "twins")).rejects.toThrow(/"twins" is in .* already/);
    const used = await loadFlow(project, "deep").catch((error: unknown) => error);
    const told = { line: 3, severity: "error", code: "path" };
    expect(used).toMatchObject({ problems: [told] });
    expect(await checkProject(project, { flow: "deep" })).toMatchObject([told]);
  });

  it("needs a project's settings, which hold for all that it has", async () => {
    const wrong = "agents: { classify: ./agents.ts#classify }\nsettings: { logLevel: loud }\n";
    const { project } = await projectOf({ "atomic.yaml": wrong });
    await expect(loadFlow(project, "tickets")).rejects.toThrow(/^atomic\.yaml:2:\d+: /);
  });

  it("reads no more than it is told to", async () => {
    const { project, read } = await projectOf();
    const loaded = await loadFlow(project, "tickets", { limit: 2 });
    expect(await loaded.start().summary).toMatchObject({ read: 2, delivered: 1, deadLettered: 1 });
    expect(read("out/tickets.jsonl")).toHaveLength(1);
  });

  it("reads, works and writes nowhere in a dry run", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => ({ ...tickets[0], id: index }));
    const { project, directory } = await projectOf({
      "data/tickets.jsonl": linesOf(lines),
      "flows/tickets.flow.yaml": ticketsFlow.replace("  - filter", "  - tee: out/all.jsonl\n  - filter"),
    });
    const got: unknown[] = [];
    const loaded = await loadFlow(project, "tickets", {
      dryRun: {
        onOutput: async (record) => {
          await Promise.resolve();
          got.push(record);
        },
      },
    });
    expect(loaded).toMatchObject({ isDryRun: true, outputs: [], limit: 10 });
    const run = loaded.start();
    expect(await run.summary).toMatchObject({ status: "success", read: 10, delivered: 10 });
    expect(got).toHaveLength(10);
    expect(loaded.deadLettersOf(run.id)).toBeUndefined();
    expect(readdirSync(directory).toSorted()).toEqual(["agents.ts", "atomic.yaml", "data", "flows"]);
  });

  it("takes other files than those that it names", async () => {
    const { project, directory } = await projectOf();
    const elsewhere = mkdtempSync(join(folder, "elsewhere-"));
    const rows = "id,subject,body\n7,Login,does not work\n";
    writeFileSync(join(elsewhere, "rows.csv"), rows);
    writeFileSync(join(elsewhere, "some.jsonl.gz"), gzipSync(linesOf(tickets.slice(0, 2))));
    const loaded = await loadFlow(project, "tickets", {
      input: "*.jsonl.gz",
      output: "got.csv",
      deadLetters: "letters.jsonl",
      cwd: elsewhere,
    });
    expect((await loaded.start().summary).status).toBe("partial");
    expect(readFileSync(join(elsewhere, "got.csv"), "utf8")).toBe("id,label\n1,BUG\n");
    expect(recordsIn(readFileSync(join(elsewhere, "letters.jsonl"), "utf8"))).toHaveLength(1);
    expect(readdirSync(directory)).not.toContain("out");
    // What its schema can take nothing of is told before anything runs.
    await expect(loadFlow(project, "tickets", { input: "nope.csv", cwd: elsewhere })).rejects.toMatchObject({
      message: `input: There is no file "${join(elsewhere, "nope.csv")}"`,
      details: { path: "input" },
      problems: [{ option: "input", file: "flows/tickets.flow.yaml" }],
    });
    await expect(
      loadFlow(project, "tickets", { input: "https://localhost/a.jsonl", cwd: elsewhere }),
    ).rejects.toMatchObject({
      message: 'input: There is no file "https://localhost/a.jsonl"',
      hint: "Records of an address are read by a flow file: source: { http: … }.",
    });
    await expect(loadFlow(project, "tickets", { input: "rows.csv", cwd: elsewhere })).rejects.toThrow(
      "The schema takes no row of this CSV file: id: expected integer",
    );
  });

  it("writes rows elsewhere as it would write its own", async () => {
    const { project, directory } = await projectOf({
      "flows/rows.flow.yaml": `source: data/tickets.jsonl
sink: { file: out/rows.csv, delimiter: ";", columns: [id, subject] }
`,
    });
    const output = join(directory, "got.csv");
    const loaded = await loadFlow(project, "rows", { output, limit: 1 });
    expect((await loaded.start().summary).status).toBe("partial");
    expect(readFileSync(output, "utf8")).toBe("id;subject\n");
  });

  it("names its outputs as of the run, also when that never begins", async () => {
    const { project } = await projectOf({ "flows/tickets.flow.yaml": ticketsFlow });
    const loaded = await loadFlow(project, "tickets");
    const run = loaded.start({ run: { signal: AbortSignal.abort("not wanted") } });
    const { status, sinks } = await run.summary;
    expect(status).toBe("cancelled");
    expect(sinks.map(({ name }) => name)).toContain(loaded.deadLettersOf(run.id));
  });

  it("takes sources, sinks and schemas of modules", async () => {
    const { project, directory } = await projectOf({
      "flows/numbers.flow.yaml": `source: { module: "./agents.ts#numbers", schema: "./agents.ts#Numbered" }
stages:
  - filter: record.id != 2
sink: { module: "./agents.ts#keep" }
`,
    });
    const loaded = await loadFlow(project, "numbers");
    expect(loaded).toMatchObject({ source: "numbers", sink: "keep", outputs: [] });
    expect((await loaded.start().summary).delivered).toBe(2);
    expect(await project.load("./agents.ts#kept")).toEqual([{ id: 1 }, { id: 3 }]);
    expect(readdirSync(directory)).not.toContain("out");
  });

  it("has all kinds of stages", async () => {
    const { project, directory, read } = await projectOf({
      "data/orders.csv": "country,lines\nFR,a b\nDE,c\nFR,b a b\n",
      "flows/orders.flow.yaml": `source: data/orders.csv
stages:
  - split: 'split(record.lines, " ").map(name, { "country": record.country, "name": name })'
  - tee: out/lines.jsonl
  - deduplicate: { by: [country, name] }
  - map: { country: record.country, name: record.name, price: 'record.name == "a" ? 2 : 0.5' }
  - aggregate:
      by: [country]
      calculate: { count: { count: true }, sum: { sum: price }, mean: { mean: price }, max: { max: price } }
  - sort: { by: [{ key: record.sum, order: desc }, country] }
  - batch: 2
sink: out/orders.json
`,
    });
    const loaded = await loadFlow(project, "orders");
    expect(loaded.warnings).toEqual([]);
    expect(await loaded.start().summary).toMatchObject({
      status: "success",
      read: 3,
      delivered: 3,
      emitted: 1,
    });
    expect(read("out/lines.jsonl")).toHaveLength(6);
    expect(JSON.parse(readFileSync(join(directory, "out/orders.json"), "utf8"))).toEqual([
      [
        { country: "FR", count: 2, sum: 2.5, mean: 1.25, max: 2 },
        { country: "DE", count: 1, sum: 0.5, mean: 0.5, max: 0.5 },
      ],
    ]);
  });

  it("lets a failed record pass where what follows takes it, and says where a record failed an expression", async () => {
    const { project, read, directory } = await projectOf({
      "flows/pass.flow.yaml": `source: data/tickets.jsonl
stages:
  - map: { id: record.id, text: record.subject, half: record.id / 2 }
    onError: dead-letter
  - agent: classify
    id: label
    input: { text: record.text }
    output: { id: record.id, label: output.label }
    onError: pass
  - map: { id: record.id, label: 'get(record, "label", "none")' }
sink: out/pass.jsonl
`,
    });
    const loaded = await loadFlow(project, "pass");
    const run = loaded.start();
    expect(await run.summary).toMatchObject({ status: "partial", delivered: 4, deadLettered: 1 });
    expect(read("out/pass.jsonl")).toEqual([
      { id: 1, label: "bug" },
      { id: 2, label: "none" },
      { id: 3, label: "bug" },
      { id: 4, label: "bug" },
    ]);
    const [letter] = recordsIn(readFileSync(loaded.deadLettersOf(run.id) ?? directory, "utf8"));
    expect(letter).toMatchObject({
      stage: "map",
      input: tickets[4],
      attempts: 1,
      error: { code: "EXECUTION" },
    });
    expect(letter).toMatchObject({ error: { message: expect.stringMatching(/^The map failed: /) } });
  });
});

describe("the hash of a flow file", () => {
  const hashOf = async (text: string): Promise<string> => {
    const { project } = await projectOf({ "flows/tickets.flow.yaml": text });
    return (await loadFlow(project, "tickets", { moduleTimeoutMs: 60_000 })).hash;
  };

  it("changes with what decides the results, and with nothing else", async () => {
    const hash = await hashOf(ticketsFlow);
    const same = [
      ticketsFlow.replace("concurrency: 2", "concurrency: 9\n    ordered: false"),
      ticketsFlow.replace(
        "onError: dead-letter",
        "onError: drop\n    timeoutMs: 500\n    retry: { attempts: 2 }",
      ),
      ticketsFlow.replace("out/tickets.jsonl", "out/others.jsonl"),
      ticketsFlow.replace("agent: classify", 'agent: "./agents.ts#classify"'),
      ticketsFlow.replace(
        "id: record.id, label: upper(record.label)",
        "label: upper(record.label), id: record.id",
      ),
      `# more\n${ticketsFlow}deadLetters: out/letters.jsonl\n`,
    ];
    const others = [
      ticketsFlow.replace("> 3", "> 4"),
      ticketsFlow.replace('" "', '"  "'),
      ticketsFlow.replace("id: { type: integer }", "id: { type: number }"),
      ticketsFlow.replace("  - filter: record.score > 3\n", ""),
    ];
    expect(new Set([hash, ...(await Promise.all(same.map(hashOf)))])).toEqual(new Set([hash]));
    expect(new Set([hash, ...(await Promise.all(others.map(hashOf)))]).size).toBe(5);
  });
});

describe("dead letters of a flow file", () => {
  afterAll(() => {
    delete process.env["CURED"];
  });

  async function partial(text = ticketsFlow, files: Readonly<Record<string, string>> = {}) {
    delete process.env["CURED"];
    const made = await projectOf({ "flows/tickets.flow.yaml": text, ...files });
    const loaded = await loadFlow(made.project, "tickets");
    const run = loaded.start();
    expect((await run.summary).deadLettered).toBe(3);
    process.env["CURED"] = "yes";
    return { ...made, loaded, run, letters: loaded.deadLettersOf(run.id) ?? "" };
  }

  it("are re-driven into a file of their own", async () => {
    const { loaded, letters, read, directory } = await partial();
    const again = await loaded.redrive(letters, { stage: "classify" });
    const { id } = again.run;
    expect(again.outputs).toEqual([join(directory, `out/tickets.redrive-${id}.jsonl`)]);
    expect(await again.run.summary).toMatchObject({ status: "success", read: 2, delivered: 2 });
    expect(read(`out/tickets.redrive-${id}.jsonl`)).toEqual([
      { id: 2, label: "BUG" },
      { id: 4, label: "BUG" },
    ]);
    // Those of the source cannot be: they were no records of the flow.
    expect(read("out/tickets.jsonl")).toHaveLength(2);
  });

  it("are added to what there is, which stays as it was while a re-drive fails", async () => {
    const { loaded, letters, read, directory } = await partial(
      ticketsFlow
        .replace("  - filter", "  - tee: out/all.txt.gz\n  - filter")
        .replace(
          "  - tee: out/all.txt.gz",
          "  - map: record.label\n  - tee: out/all.txt.gz\n  - map: { label: record, id: 1, score: 9 }",
        ),
    );
    const before = read("out/tickets.jsonl");
    const stopped = await loaded.redrive(letters, { stage: "classify", append: true });
    stopped.run.cancel();
    expect((await stopped.run.summary).status).toBe("cancelled");
    expect(read("out/tickets.jsonl")).toEqual(before);
    const again = await loaded.redrive(letters, { stage: "classify", append: true });
    expect(again.outputs).toEqual(loaded.outputs);
    expect((await again.run.summary).status).toBe("success");
    expect(read("out/tickets.jsonl")).toEqual([...before, { id: 1, label: "BUG" }, { id: 1, label: "BUG" }]);
    expect(gunzipSync(readFileSync(join(directory, "out/all.txt.gz"))).toString()).toBe(
      "bug\nquestion\nbug\nbug\n",
    );
    expect(readdirSync(join(directory, "out")).toSorted()).toEqual(["all.txt.gz", "tickets.jsonl"]);
  });

  it("are refused when the flow has changed, and by outputs that are one whole", async () => {
    const { letters, directory } = await partial();
    writeFileSync(join(directory, "flows/tickets.flow.yaml"), ticketsFlow.replace("> 3", "> 4"));
    const project = await openProject({ directory });
    const changed = await loadFlow(project, "tickets");
    await expect(changed.redrive(letters, { stage: "classify" })).rejects.toMatchObject({ code: "CONFIG" });
    const forced = await changed.redrive(letters, { stage: "classify", force: true });
    expect((await forced.run.summary).delivered).toBe(2);
    const rows = await loadFlow(project, "tickets", { output: join(directory, "out/rows.csv") });
    await expect(rows.redrive(letters, { force: true, append: true })).rejects.toThrow(
      `Nothing can be added to "${join(directory, "out/rows.csv")}": it is one whole`,
    );
  });

  it("that fail again go to a file of their own", async () => {
    const { loaded, letters, directory } = await partial(`${ticketsFlow}deadLetters: out/letters.jsonl\n`);
    expect(letters).toBe(join(directory, "out/letters.jsonl"));
    delete process.env["CURED"];
    const again = await loaded.redrive(letters, { stage: "classify" });
    expect((await again.run.summary).deadLettered).toBe(2);
    expect(again.deadLetters).toBe(join(directory, `out/letters.redrive-${again.run.id}.jsonl`));
    expect(recordsIn(readFileSync(again.deadLetters ?? "", "utf8"))).toHaveLength(2);
    expect(recordsIn(readFileSync(letters, "utf8"))).toHaveLength(3);
  });
});
