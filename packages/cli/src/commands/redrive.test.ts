import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";

// Each test waits for some processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const cwd = mkdtempSync(join(tmpdir(), "atomic-redrive-"));
symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const files = {
  "atomic.yaml": "name: twice\nagents: { slow: ./slow.mjs }\n",
  "numbers.flow.yaml":
    "source: in.jsonl\nstages:\n  - { agent: slow, onError: dead-letter }\nsink: out.jsonl\n",
  "in.jsonl": '{"id":1}\n{"id":2}\n',
  "slow.mjs": `
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
const Id = z.object({ id: z.number() });
export default defineAgent({
  name: "slow", description: "For tests.", input: Id, output: Id,
  execute: async (record) => {
    if (!existsSync("mended")) throw new Error("not yet");
    writeFileSync("working", "");
    while (!existsSync("go")) await sleep(20);
    return record;
  },
});
`,
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function atomic(line: string): Promise<Ended> {
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--conditions=@atomic-agents/source", program, ...line.split(" ")], {
    cwd,
    env: { ...env, NO_COLOR: "1", NODE_OPTIONS: "", NODE_COMPILE_CACHE: join(root, "out", "compile-cache") },
    timeout: 100_000,
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
  child.stdin.end();
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

it("is refused while another process does the same letters again", async () => {
  const { stdout } = await atomic("run numbers --json");
  const { runId } = JSON.parse(stdout) as { readonly runId: string };
  writeFileSync(join(cwd, "mended"), "");
  const first = atomic(`redrive ${runId} --append`);
  await vi.waitFor(() => expect(existsSync(join(cwd, "working"))).toBe(true), { timeout: 60_000 });
  const second = await atomic(`redrive ${runId} --append`);
  writeFileSync(join(cwd, "go"), "");
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toContain(`Run ${runId} of numbers is being re-driven, by `);
  expect(await first).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(join(cwd, "out.jsonl"), "utf8")).toBe('{"id":1}\n{"id":2}\n');
});

it("leaves nothing of a re-drive that another one has forestalled", async () => {
  rmSync(join(cwd, "mended"));
  const { stdout } = await atomic("run numbers --json");
  const { runId } = JSON.parse(stdout) as { readonly runId: string };
  writeFileSync(join(cwd, "mended"), "");
  // Each is refused that sees another one, before it begins or as soon as it has.
  const codes = (await Promise.all([1, 2, 3].map(() => atomic(`redrive ${runId}`)))).map(({ code }) => code);
  expect(codes.filter((code) => code !== 2).length).toBeLessThan(2);
  const listed = await atomic("runs list --json --status cancelled");
  expect(JSON.parse(listed.stdout)).toEqual([]);
});
