import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

// Each test waits for processes that wait for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const scratch = mkdtempSync(join(tmpdir(), "atomic dev é "));
symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
const { FORCE_COLOR: _, ...rest } = process.env;
const env = {
  ...rest,
  NO_COLOR: "1",
  NODE_OPTIONS: "--conditions=@atomic-agents/source",
  NODE_COMPILE_CACHE: join(root, "out", "compile-cache"),
};
let folders = 0;
const running: Dev[] = [];

afterEach(async () => {
  for (const dev of running.splice(0)) await dev.end("SIGKILL");
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const shout = (word: string, before = "") => `import { defineAgent } from "atomic-agents";
import * as z from "zod";
export const shout = defineAgent({
  name: "shout", description: "Says it.",
  input: z.object({ text: z.string() }), output: z.object({ text: z.string() }),
  execute: async ({ text }) => { ${before} return { text: "${word} " + text }; },
});
`;
const flowText = `source: data/in.jsonl\nstages: [{ agent: shout }]\nsink: out/out.jsonl\n`;
const files = {
  "atomic.yaml": "agents:\n  shout: ./agents/shout.ts#shout\n",
  "agents/shout.ts": shout("one"),
  "data/in.jsonl": '{"text":"a"}\n',
  "flows/loud.flow.yaml": flowText,
};

function projectOf(more: Readonly<Record<string, string>> = {}): string {
  const path = join(scratch, `project ${++folders}`);
  for (const [name, text] of Object.entries({ ...files, ...more })) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

/** `atomic dev`, as it runs. */
class Dev {
  readonly child: ChildProcess;
  readonly exited: Promise<number | string | null>;
  output = "";
  private at = 0;
  private look = (): void => {};

  constructor(cwd: string, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [program, "dev", ...args], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.look();
      });
    }
    this.exited = new Promise((resolve) =>
      this.child.once("exit", (code, signal) => resolve(code ?? signal)),
    );
    running.push(this);
  }

  /** Waits until it has said something more, and gives all that it has said up to there. */
  async says(text: string): Promise<string> {
    const from = this.at;
    const ended = this.exited.then((code) => {
      throw new Error(`it ended with ${String(code)} and said: ${this.output.slice(from)}`);
    });
    const said = new Promise<string>((resolve) => {
      this.look = () => {
        const place = this.output.indexOf(text, from);
        if (place < 0) return;
        this.at = place + text.length;
        resolve(this.output.slice(from, this.at));
      };
      this.look();
    });
    return Promise.race([said, ended]);
  }

  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    this.child.kill(signal);
    return this.exited;
  }
}

const waiting = "Ctrl-C ends it\n";

/** The processes that have a text in their command lines. */
function processesWith(text: string): Promise<readonly string[]> {
  return new Promise((resolve) =>
    execFile("ps", ["-eo", "pid=,args="], (_error, stdout) =>
      resolve(stdout.split("\n").filter((line) => line.includes(text) && !line.includes("ps -eo"))),
    ),
  );
}

describe("atomic dev", () => {
  it("tries the flow again when a module, the flow, its data or the project's file changes", async () => {
    const cwd = projectOf();
    const dev = new Dev(cwd, "loud");
    const first = await dev.says(waiting);
    expect(first).toContain("ok: loud");
    expect(first).toContain('{"text":"one a"}');
    expect(first).toContain("watching 4 files");

    writeFileSync(join(cwd, "agents/shout.ts"), shout("two"));
    const second = await dev.says(waiting);
    expect(second).toContain("changed: agents/shout.ts");
    expect(second).toContain('{"text":"two a"}');

    appendFileSync(join(cwd, "data/in.jsonl"), '{"text":"b"}\n');
    expect(await dev.says(waiting)).toMatch(/changed: data\/in\.jsonl[^]*\{"text":"two b"\}/);

    writeFileSync(
      join(cwd, "flows/loud.flow.yaml"),
      flowText.replace("stages: [", "stages: [{ filter: record.text == 'b' }, "),
    );
    const fourth = await dev.says(waiting);
    expect(fourth).toContain('{"text":"two b"}');
    expect(fourth).not.toContain('{"text":"two a"}');

    writeFileSync(join(cwd, "atomic.yaml"), "agents:\n  shuot: ./agents/shout.ts#shout\n");
    const fifth = await dev.says(waiting);
    expect(fifth).toContain("flows/loud.flow.yaml:2:");
    expect(fifth).toContain("1 error");
    expect(fifth).not.toContain('{"text"');

    writeFileSync(join(cwd, "atomic.yaml"), files["atomic.yaml"]);
    expect(await dev.says(waiting)).toContain('{"text":"two b"}');
    // Nothing was written.
    expect(existsSync(join(cwd, "out"))).toBe(false);
    expect(existsSync(join(cwd, ".atomic"))).toBe(false);
    expect(dev.output).not.toContain("\u001b");

    expect(await dev.end("SIGINT")).toBe(130);
  });

  it("asks the model that it is told to, whatever agents say", async () => {
    const cwd = projectOf({
      "atomic.yaml":
        "agents:\n  kind: { use: classifier, config: { model: openai/gpt-5-mini, labels: [bug, question] } }\n",
      "data/in.jsonl": '{"content":"It crashes"}\n',
      "flows/loud.flow.yaml": "source: data/in.jsonl\nstages: [kind]\nsink: out/out.jsonl\n",
    });
    const dev = new Dev(cwd, "loud", "--model", "simulated");
    const said = await dev.says(waiting);
    expect(said).toMatch(/"label":"(?:bug|question)"/);
    expect(said).toContain("SIMULATED: no model was asked");
    expect(await dev.end("SIGINT")).toBe(130);
  });

  it("ends a run that is under way when something changes, and tries again", async () => {
    const cwd = projectOf({
      "agents/shout.ts": shout("slow", "await new Promise((r) => setTimeout(r, 600_000));"),
    });
    const dev = new Dev(cwd, "loud");
    await dev.says("ok: loud");
    writeFileSync(join(cwd, "agents/shout.ts"), shout("soon"));
    expect(await dev.says(waiting)).toContain('{"text":"soon a"}');
    expect(await dev.end("SIGTERM")).toBe(143);
  });

  it.skipIf(process.platform === "win32")(
    "leaves no process behind, though a module never yields",
    async () => {
      const mark = `never-yields-${process.pid}`;
      const cwd = projectOf({
        [`agents/${mark}.ts`]: shout("x", "console.error('for ever'); for (;;) {}"),
        "atomic.yaml": `agents:\n  shout: ./agents/${mark}.ts#shout\n`,
        [`flows/${mark}.flow.yaml`]: flowText,
      });
      const dev = new Dev(cwd, mark);
      await dev.says(`ok: ${mark}`);
      // The flow's process is at work in a loop without end.
      await dev.says("for ever\n");
      expect((await processesWith(mark)).some((line) => line.includes(" run "))).toBe(true);
      expect(await dev.end("SIGINT")).toBe(130);
      expect(await processesWith(mark)).toEqual([]);
    },
  );

  it("writes when it is told to, which is no change, and reads no more than it is told", async () => {
    const lines = Array.from(
      { length: 20 },
      (_each, index) => `${JSON.stringify({ text: String(index) })}\n`,
    );
    const cwd = projectOf({ "data/in.jsonl": lines.join("") });
    const dev = new Dev(cwd, "flows/loud.flow.yaml", "--write", "--limit", "3");
    await dev.says(waiting);
    const written = () => readFileSync(join(cwd, "out/out.jsonl"), "utf8").trimEnd().split("\n");
    expect(written()).toHaveLength(3);
    writeFileSync(join(cwd, "agents/shout.ts"), shout("two"));
    const said = await dev.says(waiting);
    expect(said.match(/changed: /g)).toHaveLength(1);
    expect(said).toContain("changed: agents/shout.ts");
    expect(written()[2]).toBe('{"text":"two 2"}');
    expect(await dev.end("SIGINT")).toBe(130);
  });

  it("goes by what the flow reads when that changes", async () => {
    const cwd = projectOf({ "more/b.csv": "text\nx\n" });
    const dev = new Dev(cwd, "loud");
    await dev.says(waiting);
    writeFileSync(join(cwd, "flows/loud.flow.yaml"), flowText.replace("data/in.jsonl", '"more/*.csv"'));
    expect(await dev.says(waiting)).toContain('{"text":"one x"}');
    writeFileSync(join(cwd, "more/c.csv"), "text\ny\n");
    const said = await dev.says(waiting);
    expect(said).toContain("changed: more/c.csv");
    expect(said).toContain('{"text":"one y"}');
    expect(await dev.end("SIGINT")).toBe(130);
  });

  it("speaks JSON to programs", async () => {
    const cwd = projectOf();
    const dev = new Dev(cwd, "loud", "--json");
    const said = await dev.says('{"dev":{"event":"wait","files":4}}\n');
    expect(said).toContain('{"problems":[],"errors":0,"warnings":0}');
    expect(said).toContain('{"text":"one a"}');
    writeFileSync(join(cwd, "agents/shout.ts"), shout("two"));
    expect(await dev.says('"event":"wait"')).toContain(
      '{"dev":{"event":"change","files":["agents/shout.ts"]}}',
    );
    expect(await dev.end("SIGINT")).toBe(130);
  });

  it("says which flows there are", async () => {
    const cwd = projectOf();
    const dev = new Dev(cwd, "lod");
    expect(await dev.exited).toBe(2);
    expect(dev.output).toMatch(/^error: There is no flow "lod"\n +expected: one of loud\n/);
  });
});
