import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { makeFolder, withoutProgress } from "./atomic-process.ts";
import { ticketLines, ticketsProject } from "./tickets-project.ts";

// Each test waits for one to six processes, which share the computer with other tests.
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

/** Gives a command a terminal. */
const hasScript = spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0;

const counts = { read: 100, delivered: 85, filtered: 10, deadLettered: 5, unfinished: 0 };

describe.concurrent("atomic run <flow>", () => {
  it("writes the records and tells what became of them", async () => {
    const folder = project();
    const { code, stdout, stderr } = await folder.atomic("run tickets");
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      new RegExp(
        `^tickets: partial, 100 records in [\\d.]+ m?s \\([\\d,.]+/s\\)

read             100
  delivered       85
  filtered        10
  dead-lettered    5
  unfinished       0

STAGE   TAKEN  GIVEN  FILTERED  DEAD-LETTERED
shout     100     95         0              5
filter     95     85        10              0

output        out/tickets\\.jsonl \\(85 records\\)
dead letters  out/tickets\\.dead-letters\\.jsonl \\(5 records\\)
  data/tickets\\.jsonl:13  EXECUTION Agent "shout" at stage "shout" threw: no luck
  data/tickets\\.jsonl:33  EXECUTION .*
  data/tickets\\.jsonl:53  EXECUTION .*
  data/tickets\\.jsonl:73  EXECUTION .*
  data/tickets\\.jsonl:93  EXECUTION .*
try again     atomic redrive [0-9a-f]{16}-\\w+
$`,
      ),
    );
    expect(code).toBe(0);
    const lines = readFileSync(folder.at("out/tickets.jsonl"), "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(85);
    expect(lines[0]).toBe('{"id":1,"text":"TICKET 1"}');
    expect(
      readFileSync(folder.at("out/tickets.dead-letters.jsonl"), "utf8").trimEnd().split("\n"),
    ).toHaveLength(5);
    expect(folder.leftovers()).toEqual([]);
  });

  it("tells it as a line of JSON to programs", async () => {
    const folder = project();
    const { code, stdout, stderr } = await folder.atomic("run flows/tickets.flow.yaml --json");
    expect({ code, stderr: withoutProgress(stderr) }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toMatchObject({
      flow: "tickets",
      status: "partial",
      ...counts,
      published: true,
      dryRun: false,
      stages: [{ id: "shout" }, { id: "filter" }],
      deadLettersFile: folder.at("out/tickets.dead-letters.jsonl"),
    });
  });

  it("ends with 3 under --fail-on-dead-letter, its output written all the same", async () => {
    const folder = project();
    const { code, stderr } = await folder.atomic("run tickets --fail-on-dead-letter");
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(existsSync(folder.at("out/tickets.jsonl"))).toBe(true);
    folder.write({ mended: "" });
    expect((await folder.atomic("run tickets --fail-on-dead-letter")).code).toBe(0);
  });

  it("logs an alert when more records fail than the project says", async () => {
    const text = ticketsProject["atomic.yaml"] ?? "";
    const folder = project({ "atomic.yaml": `${text}settings: { alerts: { deadLetters: 3 } }\n` });
    const { code, stderr } = await folder.atomic("run tickets");
    expect(code).toBe(0);
    const lines = stderr.trimEnd().split("\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", alert: "deadLetters", limit: 3 });
    expect((await folder.atomic("run tickets --log-level silent")).stderr).toBe("");
  });

  it("reads no more records than --limit", async () => {
    const folder = project();
    const { stdout } = await folder.atomic("run tickets --limit 12 --json");
    expect(JSON.parse(stdout)).toMatchObject({ status: "success", read: 12, delivered: 11, filtered: 1 });
  });

  it("shows what it would write, and writes nothing, with --dry-run", async () => {
    const folder = project();
    const { code, stdout, stderr } = await folder.atomic("run tickets --dry-run --limit 15");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(13);
    expect(stdout).toMatch(/^\{"id":1,"text":"TICKET 1"\}\n/);
    expect(stderr).toMatch(/tickets: partial, 15 records[^]*nothing was written: a dry run/);
    expect(existsSync(folder.at("out/tickets.jsonl"))).toBe(false);
    expect(existsSync(folder.at("out/tickets.dead-letters.jsonl"))).toBe(false);
  });

  it("reads another file and writes another one", async () => {
    const folder = project({ "more/few.jsonl": ticketLines(3) });
    const { stdout, stderr } = await folder.atomic(
      "run tickets --input more/few.jsonl --output more/result.jsonl --json",
    );
    expect(withoutProgress(stderr)).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ read: 3, delivered: 3 });
    expect(readFileSync(folder.at("more/result.jsonl"), "utf8")).toContain("TICKET 3");
    expect(existsSync(folder.at("out/tickets.jsonl"))).toBe(false);
  });

  it("stands in a pipeline of the shell, its summary on standard error", async () => {
    const folder = project();
    const line = "cat data/tickets.jsonl | atomic run tickets --input - --output -";
    const { code, stdout, stderr } = await folder.shell(`${line} | tail -n 1`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"id":99,"text":"TICKET 99"}\n' });
    expect(stderr).toMatch(/^tickets: partial, 100 records/);
    const json = await folder.shell(`${line} --json > lines.jsonl`);
    expect(JSON.parse(withoutProgress(json.stderr))).toMatchObject({
      summary: { flow: "tickets", ...counts },
    });
    expect(readFileSync(folder.at("lines.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(85);
  });

  it("says nothing when its reader has seen enough", async () => {
    const folder = project({ "data/tickets.jsonl": ticketLines(200_000) });
    const line = "{ cat data/tickets.jsonl | atomic run tickets --input - --output -; echo code $? >&2; }";
    const { stdout, stderr } = await folder.shell(`${line} | head -n 1`);
    expect(stdout).toBe('{"id":1,"text":"TICKET 1"}\n');
    expect(stderr).toBe("code 0\n");
    expect(folder.leftovers()).toEqual([]);
  });

  it("tells of a file that it should have written too when its reader has seen enough", async () => {
    const folder = project({
      "data/tickets.jsonl": ticketLines(200_000),
      "flows/both.flow.yaml": `source: data/tickets.jsonl
stages:
  - tee: out/all.jsonl
sink: { stdout: true }
`,
    });
    const line = "{ atomic run both; echo code $? >&2; } | head -n 1";
    const { stdout, stderr } = await folder.shell(line);
    expect(stdout).toBe('{"id":1,"text":"ticket 1"}\n');
    expect(withoutProgress(stderr)).toMatch(
      /both: failed, [^]*out\/all\.jsonl was not written[^]*error: [^]*code 1\n$/,
    );
    expect(existsSync(folder.at("out/all.jsonl"))).toBe(false);
    expect(folder.leftovers()).toEqual([]);
  });

  it("fails where its records cannot be written", async () => {
    const folder = project();
    const full = await folder.atomic("run tickets --output /dev/full");
    expect(full.code).toBe(1);
    expect(full.stdout).toMatch(/^tickets: failed, [^]*output +\/dev\/full was not written\n/);
    expect(full.stderr).toMatch(/^error: .*ENOSPC/);
    const stdout = await folder.shell("atomic run tickets --output - > /dev/full");
    expect(stdout.code).toBe(1);
    expect(stdout.stderr).toMatch(/tickets: failed, [^]*\nerror: .*ENOSPC/);
    const dry = await folder.shell("atomic run tickets --dry-run > /dev/full");
    expect(dry.code).toBe(1);
    expect(dry.stderr).toMatch(/ENOSPC/);
    const summary = await folder.shell("atomic run tickets > /dev/full");
    expect(summary.code).toBe(1);
    expect(summary.stderr).toMatch(/^error: standard output could not be written: .*ENOSPC/);
  });

  it("runs a flow in a folder without a project", async () => {
    const folder = makeFolder({
      "copy.flow.yaml": "source: in.jsonl\nstages: [{ filter: record.id > 1 }]\nsink: out.jsonl\n",
      "in.jsonl": ticketLines(3),
    });
    folders.push(folder);
    const { code, stdout, stderr } = await folder.atomic("run copy.flow.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("copy: success, 3 records");
    expect(readFileSync(folder.at("out.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(2);
  });

  it("runs agents and pipelines of the project by their names, and keeps their runs", async () => {
    const folder = project();
    const input = ["--input", '{"id":1,"text":"hello"}'];
    const { code, stdout } = await folder.atomic(["run", "shout", ...input]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"id":1,"text":"HELLO"}\n' });
    const runs = JSON.parse((await folder.atomic("runs list --json")).stdout) as unknown;
    expect(runs).toMatchObject([{ name: "shout", kind: "agent", status: "success" }]);
  });

  it("fails with what went wrong, and leaves the file as it was", async () => {
    const folder = project({ "out/tickets.jsonl": "before\n" });
    folder.write({
      "flows/tickets.flow.yaml":
        ticketsProject["flows/tickets.flow.yaml"]?.replace("dead-letter", "stop") ?? "",
    });
    const { code, stdout, stderr } = await folder.atomic("run tickets");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^tickets: failed, [^]*out\/tickets\.jsonl was not written/);
    expect(stderr).toMatch(/^error: EXECUTION Agent "shout" at stage "shout" threw: no luck\n/);
    expect(readFileSync(folder.at("out/tickets.jsonl"), "utf8")).toBe("before\n");
    expect(folder.leftovers()).toEqual([]);
  });

  it.skipIf(!hasScript)("shows how far it is: one line of a terminal, no wider than that", async () => {
    const folder = project({
      "agents.mjs": `import { defineAgent } from "@atomic-agents/core";
import { existsSync } from "node:fs";
import * as z from "zod";
const gone = () => new Promise((resolve) => {
  const timer = setInterval(() => { if (existsSync("go")) { clearInterval(timer); resolve(); } }, 10);
});
export const shout = defineAgent({ name: "shout", description: "Waits for the file go.", input: z.any(), output: z.any(),
  execute: async (record) => { if (record.id === 50) await gone(); return record; } });
`,
    });
    for (const columns of [100, 40]) {
      rmSync(folder.at("go"), { force: true });
      const script = `stty cols ${columns} rows 20; "$NODE" $NODE_ARGS "$PROGRAM" run tickets`;
      const { code, stdout } = await folder.shell(`script -qec '${script}' /dev/null`, {
        env: { TERM: "xterm-256color" },
        // When it has been drawn, it may go on.
        onOutput: (text) => {
          if (/\d+ records/.test(text)) folder.write({ go: "" });
        },
      });
      expect(code).toBe(0);
      const esc = "\u001b";
      const [drawn = "", after = ""] = stdout.split(/(?=tickets: success)/);
      // Each time the line is drawn anew, and at the end it is taken away.
      const lines = drawn.split(`\r${esc}[J`);
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.at(-1)).toBe("");
      expect(lines[0]).toMatch(/^[█▏▎▍▌▋▊▉░]+ +\d+ % {2}\d+ records/);
      for (const line of lines) expect(line.length).toBeLessThan(columns);
      expect(after).toContain("delivered       90");
    }
  });

  it("shows how far it is: lines of JSON for programs", async () => {
    const folder = project();
    const { stderr } = await folder.atomic("run tickets --input - --json", {
      started: ({ stdin, stderr }) => {
        stdin?.write(ticketLines(50));
        stderr?.on("data", (chunk: string) => {
          if (chunk.includes('"read":50')) stdin?.end();
        });
      },
    });
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { progress: { read: number } });
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.at(-1)?.progress.read).toBe(50);
  });
});
