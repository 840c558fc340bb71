import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { makeFolder, withoutProgress } from "./atomic-process.ts";
import { ticketsProject } from "./tickets-project.ts";

// Each test waits for some processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const folders: ReturnType<typeof makeFolder>[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

function project(files: Readonly<Record<string, string>> = {}) {
  const folder = makeFolder({ ...ticketsProject, ...files });
  folders.push(folder);
  return folder;
}

interface Summary {
  readonly runId: string;
  readonly status: string;
  readonly read: number;
  readonly delivered: number;
  readonly deadLettered: number;
  readonly together?: Readonly<Record<string, number>>;
}

async function summaryOf(folder: ReturnType<typeof makeFolder>, line: string): Promise<Summary> {
  const { stdout, stderr } = await folder.atomic(`${line} --json`);
  expect(withoutProgress(stderr)).toBe("");
  // The command says so, and what it says is compared.
  return JSON.parse(stdout) as Summary;
}

const linesOf = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");
const idsOf = (path: string) => linesOf(path).map((line) => (JSON.parse(line) as { readonly id: number }).id);

describe.concurrent("runs", () => {
  it("are listed and shown, by ids or as much of them as is needed", async () => {
    const folder = project();
    expect((await folder.atomic("runs list")).stdout).toBe(
      "No runs are kept here. Each `atomic run <flow>` is.\n",
    );
    const { runId } = await summaryOf(folder, "run tickets");
    const { stdout } = await folder.atomic("runs list");
    expect(stdout).toMatch(
      /^RUN +NAME +STATUS +STARTED +DURATION +READ +DELIVERED +FILTERED +DEAD\n[0-9a-f]{8} +tickets +partial +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +[\d.]+ m?s +100 +85 +10 +5\n$/,
    );
    expect(stdout).toContain(runId.slice(0, 8));
    for (const id of [runId, runId.slice(0, 4), "last"]) {
      const shown = await folder.atomic(["runs", "show", id]);
      expect(shown.stdout).toMatch(
        new RegExp(
          `^run +${runId}\\nstarted +[^\\n]+\\nflow file +flows/tickets\\.flow\\.yaml\\nsource +data/tickets\\.jsonl\\n\\ntickets: partial, 100 records[^]*unfinished +0\\n\\nSTAGE[^]*data/tickets\\.jsonl:13 [^]*try again +atomic redrive ${runId}\\n$`,
        ),
      );
    }
    const json = JSON.parse((await folder.atomic("runs show last --json")).stdout) as unknown;
    expect(json).toMatchObject({ state: "partial", report: { runId }, flow: { counts: { read: 100 } } });
    expect(JSON.parse((await folder.atomic("runs list --status failed --json")).stdout)).toEqual([]);
    expect(JSON.parse((await folder.atomic("runs list other --json")).stdout)).toEqual([]);
    expect(JSON.parse((await folder.atomic("runs list tickets --limit 1 --json")).stdout)).toHaveLength(1);
  });
});

describe.concurrent("dead letters", () => {
  it("are listed by stage and code, and shown", async () => {
    const folder = project();
    expect((await folder.atomic("dead-letters list")).stdout).toBe(
      "No run that is kept here has dead letters.\n",
    );
    appendFileSync(
      folder.at("data/tickets.jsonl"),
      '{"id": 101, "text":\n{"id": 102, "text": "x", "password": "swordfish"}\n',
    );
    const { runId } = await summaryOf(folder, "run tickets");
    const listed = await folder.atomic("dead-letters list");
    expect(listed.stdout).toMatch(
      new RegExp(
        `^${runId} tickets, [^:]+:\\d\\d:\\d\\d: 6 dead letters\\n {2}LETTERS +STAGE +CODE +FIRST\\n +5 +shout +EXECUTION +data/tickets\\.jsonl:13 [^]*\\n +1 +data/tickets\\.jsonl +VALIDATION_INPUT +data/tickets\\.jsonl:101:`,
      ),
    );
    expect((await folder.atomic("dead-letters list last")).stdout).toBe(listed.stdout);
    const shown = await folder.atomic("dead-letters show last");
    expect(shown.stdout).toMatch(
      /^ {3}1 {2}data\/tickets\.jsonl:13 {2}EXECUTION Agent "shout" .*\n {6}\{"id":13,"text":"poison"\}\n {3}2 /,
    );
    const some = await folder.atomic("dead-letters show last --stage shout --limit 2");
    expect(some.stdout).toMatch(/^[^]*\n[^]*\n[^]*\n[^]*\n… and 3 more: --limit shows more\n$/);
    const one = await folder.atomic(`dead-letters show ${runId} 2`);
    expect(one.stdout).toMatch(
      /^record +33 of data\/tickets\.jsonl\nplace +data\/tickets\.jsonl:33\nstage +shout\nerror +EXECUTION .*no luck\n(?:try .*\n)?attempts +1\nwhen +\d{4}-.*\ninput +\{\n +"id": 33,\n +"text": "poison"\n +\}\n$/,
    );
    const json = JSON.parse((await folder.atomic("dead-letters show last 1 --json")).stdout) as unknown;
    expect(json).toMatchObject({ number: 1, record: 13, stage: "shout", input: { id: 13, text: "poison" } });
    const none = await folder.atomic("dead-letters show last 7");
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toMatch(/has no dead letter 7\n.*\n.*a number from 1 to 6\n.*7\n$/);
  });

  it("show nothing that must not be seen", async () => {
    const folder = project({
      "data/tickets.jsonl": '{"id":1,"text":"poison","password":"swordfish","nested":{"api_key":"sesame"}}\n',
      "agents.mjs": `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
export const shout = defineAgent({ name: "shout", description: "Fails.", input: z.any(), output: z.any(),
  execute: () => { throw new Error("no luck"); } });
`,
    });
    await folder.atomic("run tickets");
    for (const line of [
      "show last",
      "show last 1",
      "show last --json",
      "show last 1 --json",
      "list",
      "list --json",
    ]) {
      const { code, stdout } = await folder.atomic(`dead-letters ${line}`);
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/swordfish|sesame/);
    }
    expect((await folder.atomic("dead-letters show last 1")).stdout).toContain('"password": "[redacted]"');
  });
});

describe.concurrent("atomic redrive", () => {
  it("takes the failed records through again, into a file of its own, and balances over both runs", async () => {
    const folder = project();
    const first = await summaryOf(folder, "run tickets");
    folder.write({ mended: "" });
    const { code, stdout, stderr } = await folder.atomic(["redrive", first.runId]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^tickets: success, 5 records [^\n]*\n\n +first run +re-drive +together\nread +100 +5 +100\n +delivered +85 +5 +90\n +filtered +10 +0 +10\n +dead-lettered +5 +0 +0\n +unfinished +0 +0 +0\n\nSTAGE[^]*\noutput +out\/tickets\.redrive-\S+\.jsonl \(5 records\)\n$/,
    );
    const [name = ""] = readdirSync(folder.at("out")).filter((file) => file.includes("redrive"));
    expect(idsOf(folder.at("out", name))).toEqual([13, 33, 53, 73, 93]);
    expect(linesOf(folder.at("out/tickets.jsonl"))).toHaveLength(85);
    const shown = await folder.atomic(["runs", "show", first.runId]);
    expect(shown.stdout).toMatch(/re-driven by +\S+ \(success\)\n/);
    expect(shown.stdout).not.toContain("try again");
    const again = await folder.atomic(["redrive", first.runId]);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toMatch(/was re-driven already, by \S+\n[^]*--force re-drives all once more/);
  });

  it("adds to the output of the run with --append", async () => {
    const folder = project();
    await folder.atomic("run tickets");
    folder.write({ mended: "" });
    expect(await summaryOf(folder, "redrive last --append")).toMatchObject({
      status: "success",
      read: 5,
      together: { read: 100, delivered: 90, filtered: 10, deadLettered: 0, unfinished: 0 },
    });
    const ids = idsOf(folder.at("out/tickets.jsonl"));
    expect(ids).toHaveLength(90);
    expect(new Set(ids).size).toBe(90);
    expect(readdirSync(folder.at("out")).filter((file) => file.includes("redrive"))).toEqual([]);
  });

  it("are not added to the output of another run, or to none, unless forced", async () => {
    // Each run keeps its letters in a file of its own: in a shared one the second run's would be all there is.
    const flow = ticketsProject["flows/tickets.flow.yaml"]?.replace(/^deadLetters: .*\n/m, "") ?? "";
    const folder = project({ "flows/tickets.flow.yaml": flow });
    const first = await summaryOf(folder, "run tickets");
    const second = await summaryOf(folder, "run tickets");
    folder.write({ mended: "" });
    const other = await folder.atomic(["redrive", first.runId, "--append"]);
    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toContain(`Run ${second.runId} of tickets has written `);
    expect(idsOf(folder.at("out/tickets.jsonl"))).toHaveLength(85);
    rmSync(folder.at("out/tickets.jsonl"));
    const gone = await folder.atomic(["redrive", second.runId, "--append"]);
    expect(gone).toMatchObject({ code: 2, stdout: "" });
    expect(gone.stderr).toMatch(/is not there any more: .*tickets\.jsonl\n[^]*--force adds all the same/);
    expect(existsSync(folder.at("out/tickets.jsonl"))).toBe(false);
    expect(await summaryOf(folder, `redrive ${second.runId} --append --force`)).toMatchObject({
      delivered: 5,
    });
  });

  it("may be done again with what fails again, until nothing does", async () => {
    const folder = project();
    await folder.atomic("run tickets");
    const second = await summaryOf(folder, "redrive last");
    expect(second).toMatchObject({
      status: "partial",
      read: 5,
      deadLettered: 5,
      together: { read: 100, deadLettered: 5 },
    });
    folder.write({ mended: "" });
    const third = await folder.atomic("redrive last");
    expect(third.stdout).toMatch(
      /first run +re-drive 1 +re-drive 2 +together\nread +100 +5 +5 +100\n +delivered +85 +0 +5 +90\n +filtered +10 +0 +0 +10\n +dead-lettered +5 +5 +0 +0\n/,
    );
  });

  it("is refused when the flow has changed, but for --force", async () => {
    const folder = project();
    await folder.atomic("run tickets");
    const text = ticketsProject["flows/tickets.flow.yaml"] ?? "";
    folder.write({ mended: "", "flows/tickets.flow.yaml": text.replace("% 10", "% 7") });
    const refused = await folder.atomic("redrive last");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^error: CONFIG .*changed/);
    expect(readdirSync(folder.at("out")).filter((file) => file.includes("redrive"))).toEqual([]);
    expect((await folder.atomic("redrive last --force")).code).toBe(0);
  });

  it("is refused for what it cannot do", async () => {
    const folder = project();
    const { runId } = await summaryOf(folder, "run tickets");
    const refusals: readonly (readonly [line: string, expected: RegExp])[] = [
      ["redrive last --stage nope", /CONFIG .*"nope"/],
      ["redrive zz", /There is no run "zz"\n.*<run>\n.*\n.*zz\n.*atomic runs list/],
      ["redrive", /missing required argument 'run'\n.*expected: .*\n.*atomic redrive --help/],
    ];
    for (const [line, expected] of refusals) {
      const { code, stdout, stderr } = await folder.atomic(line);
      expect(stderr).toMatch(expected);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    }
    rmSync(folder.at("out/tickets.dead-letters.jsonl"));
    const gone = await folder.atomic("redrive last");
    expect(gone.stderr).toMatch(new RegExp(`The dead letters of run ${runId} are gone: there is no file`));
    folder.write({ mended: "" });
    await folder.atomic("run tickets");
    expect((await folder.atomic("redrive last")).stderr).toMatch(/has no dead letters\n/);
    expect(existsSync(folder.at("out/tickets.dead-letters.jsonl"))).toBe(false);
  });
});
