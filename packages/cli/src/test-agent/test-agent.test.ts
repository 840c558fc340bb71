import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";

// Each test waits for two processes or more, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, "test-"));
const program = join(import.meta.dirname, "../bin.ts");
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const agents = `
import { defineAgent } from "@atomic-agents/core";
import { writeFileSync } from "node:fs";
import * as z from "zod";
const Text = z.object({ text: z.string().min(1) });
const define = (name, execute, input = Text, output = z.any()) =>
  defineAgent({ name, description: "For tests.", input, output, execute });
export const good = define("good", ({ text }) => ({ length: text.length }), Text, z.object({ length: z.int() }));
export const waits = define("waits", async ({ text }, ctx) => { await null; return { length: text.length }; });
export const trims = define("trims", ({ text }) => ({ text: text.trim() }), Text, Text);
export const long = define("long", ({ text }) => { if (text.length > 3) throw new Error("too long for me"); return { text }; });
export const talks = define("talks", ({ text }, ctx) => { console.log("said aloud"); ctx.log.info("logged"); return { text }; });
export const loops = define("loops", ({ text }) => { if (text === "loop") for (;;); return { text }; });
export const exits = define("exits", () => process.exit(7));
export const stray = define("stray", () => { setTimeout(() => { throw new Error("nobody waited"); }); return new Promise(() => {}); });
export const hangs = define("hangs", () => { writeFileSync("pid", String(process.pid)); for (;;); });
export const dated = define("dated", ({ at }) => at.getTime(), z.object({ at: z.date() }));
`;
writeFileSync(join(cwd, "agents.mjs"), agents);
writeFileSync(join(cwd, "one.json"), '{ "text": "from a file" }');
writeFileSync(join(cwd, "two.jsonl"), '{ "text": "a" }\n\n{ "text": "b" }\n');

const env = {
  ...process.env,
  NO_COLOR: "1",
  NODE_OPTIONS: "",
  NODE_COMPILE_CACHE: join(scratch, "compile-cache"),
};

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Calling {
  readonly stdin?: string;
  readonly started?: (child: ChildProcess) => void;
}

/** Calls the command in a process of its own. */
function atomic(args: readonly string[], { stdin = "", started }: Calling = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@atomic-agents/source", program, ...args], {
      cwd,
      env,
      timeout: 110_000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    started?.(child);
  });
}

const words = (line: string) => line.split(" ");
/** What is printed for a program. */
const json = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>;

describe.concurrent("atomic test", () => {
  it("says of each behaviour how it is, and ends with 0 when none failed", async () => {
    const { code, stdout, stderr } = await atomic(words("test ./agents.mjs#good --seed 7"));
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("good 1.0.0: 60 behaviours, 100 inputs each, seed 7");
    expect(lines.filter((line) => /^ok {7} ?\d+ {2}[a-z-]+ +\S/.test(line))).toHaveLength(59);
    expect(stdout).toContain(
      "skipped  17  stops-when-aborted     it does not wait for anything, so there is nothing to stop\n",
    );
    expect(stdout).toMatch(/\n\n59 of 60 behaviours passed, 1 skipped\n$/);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("shows what failed with the smallest input, and the command that does it again", async () => {
    const only = "--behaviour takes-generated --behaviour well-named";
    const { code, stdout } = await atomic(words(`test ./agents.mjs#long ${only} --seed 3 --runs 50`));
    expect(code).toBe(1);
    const block = /\n\n(?<block>21 takes-generated: [^]*?)\n\n1 of 2 behaviours failed\n$/.exec(stdout)
      ?.groups?.["block"];
    expect(block).toMatch(/\n {2}input: {4}\{"text":"[^"]{4}"\}\n/);
    expect(block).toMatch(
      /\n {2}expected: an output\n {2}got: {6}EXECUTION: Agent "long" threw: too long for me\n/,
    );
    const repeat = /repeat: {3}atomic (?<line>.*)$/.exec(block ?? "")?.groups?.["line"];
    expect(repeat).toBe("test ./agents.mjs#long --behaviour takes-generated --seed 3 --runs 50");
    const again = await atomic(words(repeat ?? ""));
    expect(again.stdout).toContain(block);
  });

  it("takes another seed each time, and says which", async () => {
    const seeds = await Promise.all(
      [1, 2].map(
        async () => json(await atomic(words("test ./agents.mjs#good --behaviour 40 --json")))["seed"],
      ),
    );
    expect(seeds).toEqual([expect.any(Number), expect.any(Number)]);
    expect(new Set(seeds).size).toBe(2);
  });

  it("says it to programs in one line of JSON", async () => {
    const ended = await atomic(
      words("--json test ./agents.mjs#trims --behaviour 17 --behaviour 21 --behaviour 40 --seed 9"),
    );
    expect(ended.code).toBe(1);
    expect(ended.stdout.trimEnd()).not.toContain("\n");
    expect(json(ended)).toMatchObject({
      agent: "./agents.mjs#trims",
      name: "trims",
      version: "1.0.0",
      runs: 100,
      seed: 9,
      passed: 1,
      failed: 1,
      skipped: 1,
      behaviours: [
        { id: "stops-when-aborted", status: "skipped" },
        {
          id: "takes-generated",
          status: "failed",
          counterexample: {
            input: { text: expect.stringMatching(/^\s$/) as unknown },
            expected: "an output",
            seed: 9,
          },
          repeat: "atomic test ./agents.mjs#trims --behaviour takes-generated --seed 9",
        },
        { id: "well-named", status: "passed" },
      ],
    });
  });

  it.each([
    ["a file", ["--input", "one.json"], "", "1 inputs"],
    ["JSON, and a file with two", ["--input", '{"text":"x"}', "--input", "two.jsonl"], "", "3 inputs"],
    ["standard input", ["--input", "-"], "plain text", "1 inputs"],
  ])("takes inputs from %s", async (_what, inputs, stdin, detail) => {
    const args = [...words("test ./agents.mjs#good --behaviour accepts-valid --json"), ...inputs];
    expect(json(await atomic(args, { stdin }))).toMatchObject({ behaviours: [{ status: "passed", detail }] });
  });

  it("gives no other inputs than those, when it is told so", async () => {
    const line = `test ./agents.mjs#loops --input {"text":"a"} --runs 0 --behaviour 1 --behaviour 21`;
    const { code, stdout } = await atomic(words(line));
    expect(stdout).toMatch(/skipped {2}21 {2}takes-generated {8}no inputs were made: none were asked for/);
    expect(code).toBe(0);
  });

  it("skips what needs an input where none can be made, and says why", async () => {
    const { code, stdout } = await atomic(words("test ./agents.mjs#dated"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/skipped {3}1 {2}accepts-valid .*no JSON Schema: .*Date/);
    expect(stdout).toMatch(/ok {7}20 {2}describes-itself/);
  });

  it("tests the built-in agents", async () => {
    const { code, stdout } = await atomic(words("test sentiment --runs 10 --seed 1"));
    expect(stdout).toMatch(/^sentiment 1\.0\.0: 60 behaviours, 10 inputs each, seed 1\n/);
    expect(stdout).toMatch(/60 of 60 behaviours passed\n$/);
    expect(code).toBe(0);
  });

  it("is silent about what the agent says, unless asked", async () => {
    const line = "test ./agents.mjs#talks --behaviour accepts-valid --seed 1";
    expect((await atomic(words(line))).stderr).toBe("");
    const { stdout, stderr } = await atomic(words(`${line} --verbose`));
    expect(stderr).toContain("said aloud\n");
    expect(stderr).toContain('"message":"logged"');
    expect(stdout).toContain("a valid input gives an output (3 inputs)\n");
  });
});

describe.concurrent("an agent that takes its process with it has failed", () => {
  it("when it ends it, and the rest is looked at in another, three times", async () => {
    const { code, stdout } = await atomic(
      words("test ./agents.mjs#exits --behaviour 1 --behaviour 2 --behaviour 4 --behaviour 5 --behaviour 20"),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /FAILED {4}1 .*\nok {8}2 .*\nFAILED {4}4 .*\nFAILED {4}5 .*\nskipped {2}20 {2}describes-itself +not looked at: /,
    );
    expect(stdout).toMatch(/got: {6}the process ended with exit code 7; the input was \{"/);
  });

  it("when something throws that nobody waits for", async () => {
    const { code, stdout } = await atomic(words("test ./agents.mjs#stray --behaviour 1 --behaviour 40"));
    expect(code).toBe(1);
    expect(stdout).toContain("got:      something threw that nobody waited for: nobody waited\n");
    expect(stdout).toMatch(/ok {7}40 {2}well-named/);
  });

  it("when it never yields, with the input that it got", async () => {
    const line = 'test ./agents.mjs#loops --input {"text":"loop"} --behaviour 1 --behaviour 40 --timeout 100';
    const { code, stdout } = await atomic(words(line));
    expect(code).toBe(1);
    expect(stdout).toContain(
      'got:      its code did not yield for 20000 ms; the input was {"text":"loop"}\n',
    );
    expect(stdout).toContain(
      `repeat:   atomic test ./agents.mjs#loops --input '{"text":"loop"}' --behaviour accepts-valid`,
    );
    expect(stdout).toMatch(/ok {7}40 {2}well-named/);
  });
});

describe.concurrent("atomic test ends with 2", () => {
  it.each([
    ["test", /missing required argument 'agent'\n.*expected: an agent .*\n.*atomic test --help/],
    ["test sumarize", /no built-in agent "sumarize"\n.*\n.*\n.*Did you mean "summarize"\?/],
    ["test ./agents.mjs#goood", /no export "goood"; .*\n.*\n.*\n.*Did you mean "good"\?/],
    ["test ./nowhere.mjs", /there is no file/],
    [
      "test ./agents.mjs#good --behaviour takes",
      /no behaviour "takes"\n.*--behaviour\n.*one of accepts-valid, .*\n/,
    ],
    ["test ./agents.mjs#good --behaviour 61", /no behaviour "61"/],
    ["test ./agents.mjs#good --runs many", /'many' is invalid. Expected a whole number from 0 to 1000000/],
    ["test ./agents.mjs#good --seed -1", /'-1' is invalid. Expected a whole number from 0 to 2147483647/],
    ["test ./agents.mjs#good --timeout 0", /'0' is invalid/],
    ["test ./agents.mjs#good --input nowhere.json", /There is no file "nowhere\.json"/],
    ["test ./agents.mjs#good --input - --input -", /Standard input can be read once/],
    [
      'test ./agents.mjs#good --input {"text":5}',
      /does not take this input: text: .*\n.*--input\n.*\n.*\{"text":5\}\n.*atomic describe \.\/agents\.mjs#good/,
    ],
    ["test ./agents.mjs#good extra", /too many arguments/],
  ])("atomic %s", async (line, expected) => {
    const { code, stdout, stderr } = await atomic(words(line));
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("with a line of JSON for programs", async () => {
    for (const [line, error] of [
      ["test ./agents.mjs#good --behaviour nope --json", { code: "USAGE", details: { path: "--behaviour" } }],
      ["test nothing-like-it --json", { code: "CONFIG", hint: expect.stringContaining("module") as unknown }],
    ] as const) {
      const { code, stderr } = await atomic(words(line));
      expect(code).toBe(2);
      expect(JSON.parse(stderr)).toMatchObject({ exitCode: 2, error });
    }
  });
});

describe.concurrent("Ctrl-C", () => {
  it("ends it with 130, and the agent with it, even one that never yields", async () => {
    const marker = join(cwd, "pid");
    const { code, stderr } = await atomic(words("test ./agents.mjs#hangs"), {
      started: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(marker)) return;
          clearInterval(timer);
          child.kill("SIGINT");
        }, 20);
        child.once("exit", () => clearInterval(timer));
      },
    });
    expect({ code, stderr }).toEqual({ code: 130, stderr: "cancelled\n" });
    const pid = Number(readFileSync(marker, "utf8"));
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});

it("atomic test --help says how", async () => {
  const { code, stdout } = await atomic(["test", "--help"]);
  expect(stdout).toMatch(
    /Usage: atomic test [^]*--seed <number>[^]*\(default: all\)[^]*Exit codes: 0 none failed/,
  );
  expect(code).toBe(0);
});
