import {
  type SimulatedServer,
  type SimulatedServerOptions,
  startSimulatedServer,
} from "@atomic-agents/llm/simulated";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, expect, it, vi } from "vitest";

// Each test waits for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const cwd = mkdtempSync(join(tmpdir(), "atomic chat "));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const servers: SimulatedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serverOf(options: SimulatedServerOptions): Promise<SimulatedServer> {
  const server = await startSimulatedServer(options);
  servers.push(server);
  return server;
}

symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
mkdirSync(join(cwd, "flows"));
writeFileSync(join(cwd, "in.jsonl"), '{"content":"It crashes"}\n{"content":"How?"}\n');
writeFileSync(join(cwd, "flows/kinds.flow.yaml"), "source: in.jsonl\nstages: [kind]\nsink: out.jsonl\n");
writeFileSync(
  join(cwd, "agents.ts"),
  `import { defineLlmAgent } from "atomic-agents/llm";
import * as z from "zod";
export const parrot = defineLlmAgent({
  name: "parrot", description: "Talks.", model: "openai/gpt-5-mini", input: z.string(), output: z.string(),
});
`,
);

function atomic(args: readonly string[], address = "http://127.0.0.1:1") {
  writeFileSync(
    join(cwd, "atomic.yaml"),
    `models:
  aliases: { default: own/m }
  endpoints: { own: { baseUrl: "${address}/v1" } }
agents:
  parrot: ./agents.ts#parrot
  kind: { use: classifier, config: { labels: [bug, question] } }
`,
  );
  const { FORCE_COLOR: _, OPENAI_API_KEY: __, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: "1", NODE_OPTIONS: "--conditions=@atomic-agents/source" };
  const child = spawn(process.execPath, [program, ...args], { cwd, env, timeout: 100_000 });
  const ended = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as unknown, stdout, stderr }),
  );
  return { child, ended };
}

function say(args: readonly string[], lines: string, address?: string) {
  const { child, ended } = atomic(args, address);
  child.stdin.end(lines);
  return ended;
}

const simulated = /simulated: (\d+) calls?, .* SIMULATED: no model was asked/;

it("answers line by line, and says at the end what was used", async () => {
  const { code, stdout, stderr } = await say(
    ["chat", "parrot", "--model", "simulated"],
    "Hello\n\n/cost\nHow are you?\n/quit\nNever said\n",
  );
  expect([code, stdout.split("\n").length]).toEqual([0, 3]);
  expect(stdout).toMatch(/^Simulated .*\nSimulated .*\n$/);
  expect(stderr.split("\n").flatMap((line) => simulated.exec(line)?.[1] ?? [])).toEqual(["1", "2"]);
});

it("remembers the conversation, also in another process where it has a name, until it is reset", async () => {
  const server = await serverOf({ port: 0 });
  const chat = (lines: string, ...options: readonly string[]) =>
    say(["chat", "kind", "--json", ...options], lines, server.url);
  const [first, other] = [
    await chat("a\nb\n", "--session", "../ada"),
    await chat("c\n", "--session", "../ada"),
  ];
  await chat("/reset\nd\n", "--session", "../ada");
  await chat("e\n");
  expect([first.code, other.code, other.stderr]).toEqual([0, 0, expect.stringContaining('"cost":null')]);
  // The system's, and two messages for each turn before.
  const bodies = server.requests.map(({ body }) => body as { readonly messages: readonly unknown[] });
  expect(bodies.map(({ messages }) => messages.length)).toEqual([2, 4, 6, 2, 2]);
  // As of a variable of the shell that is not set: it would be nobody's conversation, and forgotten.
  const blank = await chat("f\n", "--session", "");
  expect([blank.code, blank.stdout, blank.stderr]).toEqual([
    2,
    "",
    expect.stringContaining("without a name"),
  ]);
});

it("goes on behind what fails, and ends with 1", async () => {
  const { code, stdout, stderr } = await say(["chat", "parrot"], "Hello\n/nope\n");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("OPENAI_API_KEY");
  expect(stderr).toContain('no command "/nope"');
});

it("ends at once by Ctrl-C, and remembers whole turns only", async () => {
  const server = await serverOf({ port: 0, latencyMs: 60_000 });
  const { child, ended } = atomic(["chat", "kind", "--session", "cut"], server.url);
  child.stdin.write("It hangs\n");
  await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 60_000 });
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  expect([code, stderr.trim().split("\n").at(-1)]).toEqual([130, "cancelled"]);
  const quick = await serverOf({ port: 0 });
  await say(["chat", "kind", "--session", "cut"], "Again\n", quick.url);
  const body = quick.requests[0]?.body as { readonly messages: readonly unknown[] };
  expect(body.messages).toHaveLength(2);
});

it("--model stands in the place of all models, and what is told of runs says so", async () => {
  const agent = await say(["run", "parrot", "Hello", "--model", "simulated"], "");
  expect([agent.code, simulated.test(agent.stderr)]).toEqual([0, true]);
  expect(agent.stdout).toContain("Simulated");

  const flow = await say(["run", "kinds", "--model", "simulated"], "");
  expect([flow.code, simulated.exec(flow.stdout)?.[1]]).toEqual([0, "2"]);

  const json = await say(["run", "kinds", "--model", "simulated", "--json"], "");
  const { models } = JSON.parse(json.stdout) as { readonly models: unknown };
  expect(models).toMatchObject([{ model: "simulated", calls: 2, cost: 0, simulated: true }]);

  const tested = await say(["test", "parrot", "--model", "simulated", "--runs", "2", "--behaviour", "1"], "");
  expect([tested.code, simulated.test(tested.stdout)]).toEqual([0, true]);

  const wrong = await say(["run", "kinds", "--model", "opnai/x"], "");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("opnai/x")]);
});
