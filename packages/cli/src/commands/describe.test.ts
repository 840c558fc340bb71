import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

// Each test waits for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const cwd = mkdtempSync(join(tmpdir(), "atomic describe "));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

beforeAll(() => {
  symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
  mkdirSync(join(cwd, "flows"));
  writeFileSync(
    join(cwd, "atomic.yaml"),
    `agents:
  shout: ./agents.ts#shout
  short: summarize
pipelines:
  twice: { stages: [shout, { agent: shout, id: again }] }
profiles:
  quiet: { agents: { shout: ./agents.ts#whisper } }
`,
  );
  writeFileSync(
    join(cwd, "agents.ts"),
    ["shout", "whisper"]
      .map(
        (name) => `export const ${name} = defineAgent({
  name: "${name}", description: "Says it in a way: ${name}.",
  input: z.object({ text: z.string() }), output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text }),
});`,
      )
      .join("\n")
      .replace(/^/, 'import { defineAgent } from "atomic-agents";\nimport * as z from "zod";\n'),
  );
  writeFileSync(join(cwd, "flows/loud.flow.yaml"), "source: in.jsonl\nstages: [shout]\nsink: out.jsonl\n");
});

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function atomic(line: string): Promise<Ended> {
  const { FORCE_COLOR: _, ...rest } = process.env;
  const env = { ...rest, NO_COLOR: "1", NODE_OPTIONS: "--conditions=@atomic-agents/source" };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [program, ...line.split(" ")],
      { cwd, env, timeout: 100_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    ),
  );
}

it("describes what the project's file names: agents, pipelines, and those of a profile", async () => {
  expect((await atomic("describe shout")).stdout).toMatch(/^shout .*\nSays it in a way: shout\.\n/);
  expect((await atomic("describe twice")).stdout).toMatch(/\nMade of\n {2}shout\n {2}again: shout\n/);
  expect((await atomic("describe shout --profile quiet")).stdout).toContain("Says it in a way: whisper.");
  expect(await atomic("describe shout --fits-after twice")).toMatchObject({ code: 0, stderr: "" });
});

it("tests what the project's file names", async () => {
  const line = "test shout --profile quiet --behaviour well-named --seed 1";
  expect((await atomic(line)).stdout).toMatch(/^whisper .*1 behaviour.*\nok /);
});

it("says which names there are", async () => {
  expect(await atomic("describe shuot")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^error: There is no agent "shuot"\n.*one of shout, short, twice, or a built-in agent\n.*\n.*Did you mean "shout"\?\n$/s,
    ),
  });
  expect((await atomic("test loud")).stderr).toContain("It is a flow: atomic check loud looks at it.");
});

it("tells how a built-in agent is configured that a project has to tell something", async () => {
  const { code, stdout } = await atomic("describe classifier");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^classifier \(an agent that a project configures\)\nSays which of some labels fits/,
  );
  expect(stdout).toContain("\nCapabilities: text, classification, data-enrichment\n");
  expect(stdout).toMatch(
    /\nExample\n {2}agents:\n {4}kind:\n {6}use: classifier\n {6}config: \{ labels: \[bug, question\] \}\n$/,
  );
  const json = JSON.parse((await atomic("describe extractor --json")).stdout) as unknown;
  expect(json).toMatchObject({
    kind: "configured-agent",
    name: "extractor",
    example: expect.any(String) as string,
  });
});

it("tells what may stand in a kind of stage, with an example", async () => {
  const { code, stdout } = await atomic("describe validate");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^validate \(a stage of flow files\)\nHolds each record against a schema\./);
  expect(stdout).toContain(
    "\nCapabilities: data-validation\nNeeds: 512 MB of memory, 1 core (told, not enforced)\n",
  );
  expect(stdout).toMatch(/\n {2}validate +object +What each record is held against\.\n {4}schema +string/);
  expect(stdout).toMatch(/\nExample\n {2}stages:\n {4}- validate: \{ schema: /);
  const json = JSON.parse((await atomic("describe batch --json")).stdout) as Readonly<
    Record<string, unknown>
  >;
  expect(json).toMatchObject({ kind: "stage", name: "batch", needs: { memoryMb: 2_048, cores: 4 } });
  // What is both an agent and a stage is told as both.
  const both = (await atomic("describe redact")).stdout;
  expect(both).toMatch(/^redact \S+ \(agent\)\n/);
  expect(both).toContain("\nredact (a stage of flow files)\n");
});
