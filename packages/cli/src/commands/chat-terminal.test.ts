/** `atomic chat` as a person sees it: on a pseudo-terminal, which `script` of util-linux gives. */
import {
  type SimulatedServer,
  type SimulatedServerOptions,
  startSimulatedServer,
} from "@atomic-agents/llm/simulated";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

// Each test waits for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const cwd = mkdtempSync(join(tmpdir(), "atomic-chat-terminal-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
writeFileSync(
  join(cwd, "agents.ts"),
  `import { defineLlmAgent } from "atomic-agents/llm";
import * as z from "zod";
export const parrot = defineLlmAgent({
  name: "parrot", description: "Talks.", model: "own/m", input: z.string(), output: z.string(),
});
`,
);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serverOf(options: SimulatedServerOptions): Promise<SimulatedServer> {
  const server = await startSimulatedServer({ port: 0, ...options });
  closing.push(() => server.close());
  return server;
}

/** A terminal in which `atomic chat parrot` runs. */
class Terminal {
  readonly #child;
  readonly ended: Promise<number | null>;
  shown = "";
  #seen = 0;
  #look = (): void => {};

  constructor(server: SimulatedServer, ...options: readonly string[]) {
    writeFileSync(
      join(cwd, "atomic.yaml"),
      `models: { endpoints: { own: { baseUrl: "${server.url}/v1" } } }\nagents: { parrot: ./agents.ts#parrot }\n`,
    );
    const command = [process.execPath, program, "chat", "parrot", ...options].join(" ");
    const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...rest } = process.env;
    const env = { ...rest, TERM: "xterm-256color", NODE_OPTIONS: "--conditions=@atomic-agents/source" };
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], { cwd, env, timeout: 100_000 });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.shown += text;
      this.#look();
    });
    this.ended = once(this.#child, "close").then(([code]) => code as number | null);
    closing.push(() => this.#child.kill("SIGKILL"));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until a text is shown behind all that was waited for; gives what was shown up to there. */
  async shows(text: string): Promise<string> {
    const from = this.#seen;
    const found = new Promise<string>((resolve) => {
      this.#look = () => {
        const place = this.shown.indexOf(text, from);
        if (place < 0) return;
        this.#seen = place + text.length;
        resolve(this.shown.slice(from, this.#seen));
      };
      this.#look();
    });
    const over = this.ended.then((code) => {
      throw new Error(`it ended with ${String(code)} and showed: ${JSON.stringify(this.shown.slice(from))}`);
    });
    return Promise.race([found, over]);
  }
}

const hasTerminals = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux");

describe.skipIf(!hasTerminals)("atomic chat on a terminal", () => {
  it("prompts, shows an answer while it comes, and the whole of it once", async () => {
    const words = Array.from({ length: 12 }, (_, index) => `word${index}`).join(" ");
    const server = await serverOf({ respond: () => `${words} end.`, faults: () => "slow", slowMs: 150 });
    const terminal = new Terminal(server);
    await terminal.shows("parrot: /reset, /cost, /quit");
    await terminal.shows("> ");
    terminal.type("Hello\r");
    await terminal.shows("word1");
    // The rest of it has not been sent yet.
    expect(server.openRequests).toBe(1);
    await terminal.shows("end.");
    await terminal.shows("> ");
    terminal.type("\u0004");
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown.match(/end\./g)).toHaveLength(1);
    expect(terminal.shown.match(/word11/g)).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  it("remembers the conversation, says what it cost, and forgets it when it is told to", async () => {
    const server = await serverOf({ respond: ({ messages }) => `I was told ${messages.length} messages.` });
    const terminal = new Terminal(server);
    await terminal.shows("> ");
    terminal.type("One\r");
    await terminal.shows("I was told 2 messages.");
    await terminal.shows("> ");
    terminal.type("Two\r");
    await terminal.shows("I was told 4 messages.");
    await terminal.shows("> ");
    terminal.type("/cost\r");
    expect(await terminal.shows("> ")).toMatch(/own\/m: 2 calls/);
    terminal.type("/reset\r");
    await terminal.shows("The conversation begins anew.");
    await terminal.shows("> ");
    terminal.type("Three\r");
    await terminal.shows("I was told 2 messages.");
    terminal.type("/nope\r");
    await terminal.shows('no command "/nope"');
    terminal.type("/quit\r");
    // A person has seen what went wrong.
    expect(await terminal.ended).toBe(0);
  });

  it("ends with Ctrl-C in the middle of an answer, and hangs up", async () => {
    const server = await serverOf({ latencyMs: 60_000 });
    const terminal = new Terminal(server);
    await terminal.shows("> ");
    terminal.type("It hangs\r");
    await vi.waitFor(() => expect(server.openRequests).toBe(1), { timeout: 60_000 });
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown.trimEnd()).toMatch(/cancelled$/);
    await vi.waitFor(() => expect(server.openRequests).toBe(0), { timeout: 10_000 });
  });

  it("hands on nothing by which an answer could steer the terminal", async () => {
    const hostile = "a\u001b]0;owned\u0007b\u001b[2Jc\u009b31md\u202ee\bf\rg";
    const server = await serverOf({ respond: () => hostile });
    const terminal = new Terminal(server);
    await terminal.shows("> ");
    terminal.type("Hello\r");
    await terminal.shows("g");
    await terminal.shows("> ");
    terminal.type("/quit\r");
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown).toContain("a\\x1b]0;owned\\x07b\\x1b[2Jc");
    // oxlint-disable-next-line no-control-regex
    expect(terminal.shown).not.toMatch(/\u001b\]0;|\u001b\[2J|\u009b|\u202e|\u0007|b\rg|e\bf/);
  });
});
