import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";

// Each test waits for some processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const scratch = mkdtempSync(join(tmpdir(), "atomic-killed-"));
symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

/** A project whose agent fails for the first three records, and never answers for the fifth, unless it is mended. */
function project(): string {
  const cwd = join(scratch, `project-${++folders}`);
  mkdirSync(cwd);
  const files = {
    "atomic.yaml": "name: killed\nagents: { slow: ./slow.mjs }\n",
    "numbers.flow.yaml":
      "source: in.jsonl\nstages:\n  - { agent: slow, onError: dead-letter, ordered: false }\nsink: out.jsonl\n",
    "in.jsonl": Array.from({ length: 6 }, (_, index) => `{"id":${index + 1}}\n`).join(""),
    "slow.mjs": `
import { existsSync } from "node:fs";
import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
const Id = z.object({ id: z.number() });
export default defineAgent({
  name: "slow", description: "For tests.", input: Id, output: Id,
  execute: (record) => {
    if (existsSync("mended")) return record;
    if (record.id < 4) throw new Error("not yet");
    if (record.id < 5) return record;
    return new Promise(() => {});
  },
});
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(cwd: string, line: string): ChildProcess {
  const { FORCE_COLOR: _, ...env } = process.env;
  return spawn(process.execPath, ["--conditions=@atomic-agents/source", program, ...line.split(" ")], {
    cwd,
    env: { ...env, NO_COLOR: "1", NODE_OPTIONS: "", NODE_COMPILE_CACHE: join(root, "out", "compile-cache") },
    timeout: 100_000,
    killSignal: "SIGKILL",
  });
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  child.stdin?.end();
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

const atomic = (cwd: string, line: string): Promise<Ended> => endOf(start(cwd, line));

const lettersFolder = ".atomic/dead-letters/numbers";

/** The temporary files of runs' letters that have all of them. */
function wholeLetters(cwd: string): readonly string[] {
  const folder = join(cwd, lettersFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tmp"))
    .map((name) => join(folder, name))
    .filter((path) => readFileSync(path, "utf8").split("\n").length >= 4);
}

/** The temporary file of a run's letters, when all of them are in it. */
async function writtenLetters(cwd: string): Promise<string> {
  return vi.waitFor(
    () => {
      const [path] = wholeLetters(cwd);
      if (path === undefined) throw new Error("not all letters yet");
      return path;
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** Runs the flow, and kills it when the letters of three records are written. */
async function killed(cwd: string): Promise<string> {
  const child = start(cwd, "run numbers");
  const end = endOf(child);
  const letters = await writtenLetters(cwd);
  child.kill("SIGKILL");
  await end;
  return letters;
}

describe("a run that was killed", () => {
  it("has its dead letters shown and done again as far as they were written", async () => {
    const cwd = project();
    const letters = await killed(cwd);
    // As if it had been at a line.
    appendFileSync(letters, '{"version":1,"letter":4,"rec');
    const shown = await atomic(cwd, "dead-letters show last --json");
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout.trimEnd().split("\n")).toHaveLength(3);
    const listed = await atomic(cwd, "dead-letters list --json");
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { letters: 3, file: letters, groups: [{ stage: "slow", count: 3 }] },
    ]);
    const run = await atomic(cwd, "runs show last");
    expect(run.stdout).toContain("interrupted");
    expect(run.stdout).toContain(`${lettersFolder}/.`);
    writeFileSync(join(cwd, "mended"), "");
    const refused = await atomic(cwd, "redrive last");
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain("wrote no output: it was interrupted");
    expect(refused.stderr).toContain("Run it again: atomic run numbers");
    const forced = await atomic(cwd, "redrive last --force");
    expect(forced.stderr).toBe("");
    expect(forced.code).toBe(0);
    const output = readdirSync(cwd).find((name) => name.startsWith("out.redrive-")) ?? "";
    expect(readFileSync(join(cwd, output), "utf8")).toBe('{"id":1}\n{"id":2}\n{"id":3}\n');
  });

  it("has what it left of its output removed by a later run, and one that goes on has not", async () => {
    const cwd = project();
    await killed(cwd);
    const left = (): readonly string[] => readdirSync(cwd).filter((name) => name.endsWith(".tmp"));
    const [of = ""] = left();
    expect(left()).toHaveLength(1);
    expect((await atomic(cwd, "runs show last")).stdout).toContain(
      `left over     ${of} (a part of out.jsonl;`,
    );
    // As if it had been killed a while ago.
    const runs = join(cwd, ".atomic/runs");
    const [name = ""] = readdirSync(runs).filter((one) => one.endsWith(".json"));
    const path = join(runs, name);
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(/"updatedAtMs":\s*\d+/, `"updatedAtMs":${Date.now() - 90_000}`),
    );
    const child = start(cwd, "run numbers");
    const end = endOf(child);
    await vi.waitFor(() => expect(left().length === 1 && left()[0] !== of).toBe(true), { timeout: 60_000 });
    // Once its letters are written it waits for ever: what is mended below comes too late for it.
    await vi.waitFor(() => expect(wholeLetters(cwd)).toHaveLength(2), { timeout: 60_000, interval: 50 });
    // Those of unknown runs stay, and are told of when they are old; young ones are those of runs at work.
    for (const [other, ageSeconds] of [
      [".out.jsonl.unknown-00.tmp", 90_000],
      [".out.jsonl.unknown-01.tmp", 10],
    ] as const) {
      writeFileSync(join(cwd, other), "");
      const atSeconds = Date.now() / 1_000 - ageSeconds;
      utimesSync(join(cwd, other), atSeconds, atSeconds);
    }
    writeFileSync(join(cwd, "mended"), "");
    const last = await atomic(cwd, "run numbers");
    expect(last.code).toBe(0);
    expect(last.stderr).toContain("rm -r .out.jsonl.unknown-00.tmp");
    expect(last.stderr).not.toContain("unknown-01");
    // The one at work still has its own.
    expect(left()).toHaveLength(3);
    child.kill("SIGKILL");
    await end;
  });

  it("that goes on has no letters to do again yet", async () => {
    const cwd = project();
    const child = start(cwd, "run numbers");
    const end = endOf(child);
    const letters = await writtenLetters(cwd);
    const text = readFileSync(letters, "utf8");
    const forced = await atomic(cwd, "redrive last --force");
    expect(forced.code).toBe(2);
    expect(forced.stderr).toContain("is still running");
    expect(readFileSync(letters, "utf8")).toBe(text);
    child.kill("SIGKILL");
    await end;
  });
});

/** Calls the command by a shell, which says what its standard output is. */
function inShell(cwd: string, command: string): Promise<Ended> {
  const call = `"${process.execPath}" --conditions=@atomic-agents/source "${program}"`;
  const { FORCE_COLOR: _, ...env } = process.env;
  return endOf(
    spawn("sh", ["-c", command.replace("atomic", call)], {
      cwd,
      env: { ...env, NO_COLOR: "1", NODE_OPTIONS: "" },
      timeout: 100_000,
    }),
  );
}

describe("dead letters in a file that runs share", () => {
  it("are not taken for those of an earlier run", async () => {
    const cwd = project();
    writeFileSync(join(cwd, "in.jsonl"), '{"id":1}\n{"id":4}\n');
    const file = join(cwd, "numbers.flow.yaml");
    writeFileSync(file, `${readFileSync(file, "utf8")}deadLetters: letters.jsonl\n`);
    const ids: string[] = [];
    for (let run = 0; run < 2; run++) {
      const { stdout } = await atomic(cwd, "run numbers --json");
      ids.push((JSON.parse(stdout) as { readonly runId: string }).runId);
    }
    const [first = "", second = ""] = ids;
    for (const command of ["redrive", "redrive --force", "dead-letters show"]) {
      const { code, stderr } = await atomic(cwd, `${command} ${first}`);
      expect({ command, code }).toEqual({ command, code: 2 });
      expect(stderr).toContain(`letters.jsonl holds those of run ${second}`);
    }
    expect((await atomic(cwd, "dead-letters list")).stdout).toContain("holds those of another run");
    expect((await atomic(cwd, `runs show ${first}`)).stdout).not.toContain("try again");
    writeFileSync(join(cwd, "mended"), "");
    expect(await atomic(cwd, `redrive ${second}`)).toMatchObject({ code: 0 });
  });
});

describe("a run that a record has ended", () => {
  it("has the record told wherever the run is shown", async () => {
    const cwd = project();
    const file = join(cwd, "numbers.flow.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("dead-letter", "stop").replace("false", "true"));
    const told = "stopped by    in.jsonl:1\n";
    const run = await atomic(cwd, "run numbers");
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining(told) });
    const shown = await atomic(cwd, "runs show last");
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(told) });
    const json = JSON.parse((await atomic(cwd, "runs show last --json")).stdout) as unknown;
    expect(json).toMatchObject({ flow: { stoppedBy: { record: 1, line: 1 } } });
  });
});

describe("wrong names", () => {
  it("are told of with each that there is once", async () => {
    const cwd = project();
    writeFileSync(join(cwd, "slow.flow.yaml"), "source: in.jsonl\nsink: slow.jsonl\n");
    const { code, stderr } = await atomic(cwd, "run frobnicate");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("expected: one of numbers, slow, or a built-in agent"),
    });
  });

  it("of dead letters are no sign for a stream", async () => {
    const cwd = project();
    const { code, stderr } = await atomic(cwd, "run numbers --dead-letters -");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("Dead letters go to a file"),
    });
    expect(existsSync(join(cwd, "-"))).toBe(false);
  });
});

describe("a folder for runs and letters that cannot be made", () => {
  it("is told of by the names that the files would have had", async () => {
    const cwd = project();
    writeFileSync(join(cwd, ".atomic"), "");
    const { code, stdout, stderr } = await atomic(cwd, "run numbers");
    expect(code).toBe(1);
    expect(stdout).toMatch(/output {8}out\.jsonl was not written\n$/);
    expect(stderr).toMatch(
      /error: CONFIG toDeadLetters: path must be [^"]+"[^"]*dead-letters\/numbers\/[\w-]+\.jsonl"\n[^]*A part of its path is a file/,
    );
    expect(stderr).not.toContain("<run id>");
    const [first = ""] = stderr.split("\n");
    expect(JSON.parse(first)).toMatchObject({
      message: "A run could not be saved",
      error: expect.stringMatching(
        /^Runs in .* could not save: a part of the path is no folder \(ENOTDIR\)$/,
      ),
      hint: "Look at the path: settings.runs.path.",
    });
  });
});

describe.runIf(process.platform === "linux")("pipes of the shell's", () => {
  it("may stand for the files that a flow reads and writes", async () => {
    const cwd = project();
    writeFileSync(join(cwd, "mended"), "");
    const { code, stdout, stderr } = await inShell(
      cwd,
      "head -n 2 in.jsonl | atomic run numbers --input /dev/stdin --output /dev/stdout | cat",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\{"id":1\}\n\{"id":2\}\nnumbers: success, 2 records/);
  });
});

it.runIf(process.platform === "linux")("a current folder that is gone is told of as such", async () => {
  const gone = await inShell(project(), "mkdir gone && cd gone && rmdir ../gone && atomic list");
  expect(gone.code).toBe(2);
  expect(gone.stderr).toMatch(/^error: The current folder is no longer there\n/);
});

describe.runIf(process.platform === "linux")("standard output that takes nothing", () => {
  it("is told of before the first record where it is closed, and may be the null device", async () => {
    const cwd = project();
    writeFileSync(join(cwd, "mended"), "");
    for (const options of ["--output -", "--dry-run"]) {
      const closed = await inShell(cwd, `atomic run numbers ${options} >&-`);
      expect(closed.code).toBe(2);
      expect(closed.stderr).toContain("Standard output is closed (EBADF)");
      expect(await inShell(cwd, `atomic run numbers ${options} > /dev/null`)).toMatchObject({ code: 0 });
    }
    // Where only the summary would go there, the flow does its work.
    expect(await inShell(cwd, "atomic run numbers >&-")).toMatchObject({ code: 0 });
    expect(existsSync(join(cwd, "out.jsonl"))).toBe(true);
  });

  it("is told of where an agent's result would go there, and not where it goes elsewhere", async () => {
    const cwd = project();
    const closed = await inShell(cwd, "atomic run sentiment 'I love it.' >&-");
    expect(closed.code).toBe(2);
    expect(closed.stderr).toContain("Standard output is closed (EBADF), and the result goes there");
    expect(await inShell(cwd, "atomic run sentiment 'I love it.' -o a.json >&-")).toMatchObject({ code: 0 });
  });

  it.each(["--help", "--version", "help run", "run --help", "describe text-processor"])(
    "that is full ends `atomic %s` with an error, and a reader that has gone does not",
    async (asked) => {
      const cwd = project();
      const full = await inShell(cwd, `atomic ${asked} > /dev/full`);
      expect(full.code).toBe(1);
      expect(full.stderr).toContain("standard output could not be written: ENOSPC");
      expect(full.stderr).toContain("Redirect it to where there is room");
      const gone = await inShell(cwd, `{ atomic ${asked}; echo "$?" >&2; } | true`);
      expect(gone.stderr).toBe("0\n");
    },
  );

  it("is told of with what to do where its disk is full", async () => {
    const cwd = project();
    writeFileSync(join(cwd, "mended"), "");
    const full = await inShell(cwd, "atomic run numbers --output - > /dev/full");
    expect(full.code).toBe(1);
    expect(full.stderr).toContain('"stdout" could not be written: the disk is full (ENOSPC)');
    expect(full.stderr).toContain("Make room there");
    expect(full.stderr).not.toMatch(/agent/i);
  });
});
