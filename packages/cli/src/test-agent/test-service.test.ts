import { execFile } from "node:child_process";
import { join } from "node:path";
import { createLog, defineAgent } from "@atomic-agents/core";
import { serve } from "@atomic-agents/http";
import { expect, it, vi } from "vitest";
import * as z from "zod";

// Each call waits for two processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const program = join(import.meta.dirname, "../bin.ts");
const token = "canary-0123456789-0123456789-0123456789";

const shout = defineAgent({
  name: "shout",
  description: "Turns text into capitals.",
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function atomic(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", ...variables };
  const words = ["--conditions=@atomic-agents/source", program, ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

it("looks at an agent at a service, with the token of the environment", async () => {
  await using service = await serve(shout, {
    port: 0,
    log: createLog({ level: "silent" }),
    handleSignals: false,
    drainDelayMs: 0,
    tokens: [{ name: "tests", value: token, scopes: ["execute", "read"] }],
  });
  const url = `${service.url}/agents/shout`;
  const [passed, refused] = await Promise.all([
    atomic(["test", url, "--runs", "2"], { ATOMIC_TOKEN: token }),
    atomic(["test", url, "--runs", "2"], { ATOMIC_TOKEN: "" }),
  ]);
  expect(passed.stderr).toBe("");
  expect(passed.stdout).toMatch(/^shout 1\.0\.0: 60 behaviours, 2 inputs each/);
  expect(passed.stdout).toContain("60 of 60 behaviours passed");
  expect(passed.code).toBe(0);
  expect(refused.stderr).toContain("UNAUTHENTICATED");
  expect(refused.code).toBe(1);
  expect(passed.stdout + refused.stdout + refused.stderr).not.toContain(token);
});
