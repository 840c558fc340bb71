import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";

// Each test waits for some processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const cwd = mkdtempSync(join(tmpdir(), "atomic-secrets-"));
symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const token = "opal-heron-1187";
const flow = (onError: string) =>
  `source: in.jsonl\nstages:\n  - { agent: call, onError: ${onError} }\nsink: out.jsonl\n`;
const files = {
  "atomic.yaml":
    "name: secrets\nagents: { call: { use: ./call.mjs, config: { token: { env: CALL_TOKEN } } } }\n",
  "keeps.flow.yaml": flow("dead-letter"),
  "stops.flow.yaml": flow("stop"),
  "sends.flow.yaml": `source: in.jsonl\nsink: { http: "http://127.0.0.1:9/in?key=${token}" }\n`,
  "in.jsonl": '{"id":1}\n',
  "call.mjs": `
import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
const Id = z.object({ id: z.number() });
export default ({ token }) => defineAgent({
  name: "call", description: "For tests.", input: Id, output: Id,
  execute: () => { throw new Error("refused: " + token.reveal()); },
});
`,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);

/** All that a command says. */
function said(...args: readonly string[]): Promise<string> {
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--conditions=@atomic-agents/source", program, ...args], {
    cwd,
    env: {
      ...env,
      CALL_TOKEN: token,
      NO_COLOR: "1",
      NODE_OPTIONS: "",
      NODE_COMPILE_CACHE: join(root, "out", "compile-cache"),
    },
    timeout: 100_000,
    killSignal: "SIGKILL",
  });
  let text = "";
  const add = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  child.stdin.end();
  return new Promise((resolve) => child.once("close", () => resolve(text)));
}

it.each([
  ["a summary with dead letters", ["run", "keeps"]],
  ["a summary for programs", ["run", "keeps", "--json"]],
  ["the error of a flow", ["run", "stops"]],
  ["the error of a flow with its stack", ["run", "stops", "--verbose"]],
  ["the error of a flow for programs", ["run", "stops", "--json"]],
  ["the error of an agent", ["run", "call", '{"id":1}']],
  ["the error of an agent for programs", ["run", "call", '{"id":1}', "--json"]],
])("%s shows no secret that an agent has put into its message", async (_, args) => {
  const text = await said(...args);
  expect(text).toContain("refused: [secret CALL_TOKEN]");
  expect(text).not.toContain(token);
});

it("nothing shows the query of an address that is written to", async () => {
  for (const command of [
    ["run", "sends"],
    ["runs", "show", "last"],
  ]) {
    const text = await said(...command);
    expect(text).toContain("http://127.0.0.1:9/in");
    expect(text).not.toContain(token);
  }
});
