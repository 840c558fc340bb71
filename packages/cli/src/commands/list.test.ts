import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { Listed } from "../listing/listed.ts";

// Each test waits for processes that wait for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const scratch = mkdtempSync(join(tmpdir(), "atomic list é "));
symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

function folder(files: Readonly<Record<string, string>> = {}): string {
  const path = join(scratch, `folder ${++folders}`);
  for (const [name, text] of Object.entries({ ...files, "empty.txt": "" })) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function atomic(cwd: string, line: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { FORCE_COLOR: _, ...rest } = process.env;
  const env = {
    ...rest,
    LC_ALL: "C.UTF-8",
    NODE_OPTIONS: "--conditions=@atomic-agents/source",
    NODE_COMPILE_CACHE: join(root, "out", "compile-cache"),
    ...more,
  };
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [program, ...line.split(" ")],
      { cwd, env, timeout: 100_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    ),
  );
}

/** What is listed, as the command says it in JSON. */
async function listed(cwd: string, options = ""): Promise<readonly Listed[]> {
  const { stdout } = await atomic(cwd, `list --json${options}`);
  // Written by the command that is tested; what is looked for in it is compared.
  return JSON.parse(stdout) as readonly Listed[];
}

const named = (list: readonly Listed[], name: string) => list.find((item) => item.name === name);

const shout = `import { defineAgent } from "atomic-agents";
import * as z from "zod";
export const shout = defineAgent({
  name: "shout", version: "1.2.0", description: "Turns a text into capitals.", capabilities: ["text"],
  input: z.object({ text: z.string() }), output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});
export const asking = ({ model }: { model: string }) => defineAgent({
  name: "asking", description: "Asks " + model, input: z.string(), output: z.string(), execute: (text) => text,
});
export const wrong = 5;
`;

const atomicYaml = `name: mine
agents:
  shout: ./shout.ts#shout
  mine: { use: ./shout.ts#shout, description: My own words., needs: { cores: 8 } }
  asking: { use: ./shout.ts#asking, config: { model: small-1 } }
  throws: ./throws.ts#a
  wrong: ./shout.ts#wrong
  gone: ./gone.ts#gone
  sentiment: ./shout.ts#shout
pipelines:
  louder: { stages: [shout, sentiment] }
  unsound: { stages: [throws, shout] }
`;
const flow = (agent: string) =>
  `description: Louder\nsource: data/in.jsonl\nstages: [{ agent: ${agent}, onError: dead-letter }]\nsink: out/out.jsonl\n`;
const project = {
  "atomic.yaml": atomicYaml,
  "shout.ts": shout,
  "throws.ts": "throw new Error('boom');\n",
  "data/in.jsonl": '{"text":"a"}\n',
  "flows/loud.flow.yaml": flow("shout"),
  "flows/unsound.v2.flow.yaml": flow("shuot"),
};

describe("without a project", () => {
  it("lists what is built in, and says what makes a project", async () => {
    const { code, stdout, stderr } = await atomic(folder(), "list");
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "There is no project here: atomic init makes one.\n",
    });
    expect(stdout).toMatch(
      /^Built in\n {3}NAME +TYPE +LAST RUN +DESCRIPTION +CAPABILITIES\n◐ {2}filter +stage +/,
    );
    expect(stdout).toMatch(/\n◐ {2}analyze-text +pipeline +/);
    expect(stdout).toMatch(/\n◐ {2}classifier +agent +.*text, classification, data-enrichment\n/);
    expect(stdout).toMatch(/\n◐ {2}extractor +agent +.*text, extraction, data-enrichment\n/);
    expect(stdout).toMatch(/\n\n◐ configured\n$/);
  });

  it("says what makes an agent where there is a project without any", async () => {
    const { stderr } = await atomic(folder({ "atomic.yaml": "name: mine\n" }), "list");
    expect(stderr).toBe(
      "atomic.yaml has no agents yet: atomic create agent <name> --type function makes one.\n",
    );
  });
});

describe("in a project", () => {
  const cwd = folder(project);

  it("lists agents, pipelines and flows: which of them work, and why the others do not", async () => {
    const list = await listed(cwd);
    expect(
      list.slice(0, 11).map(({ kind, name, type, state }) => [kind, name, type, state].join(" ")),
    ).toEqual([
      "agent shout agent configured",
      "agent mine agent configured",
      "agent asking agent configured",
      "agent throws agent broken",
      "agent wrong agent broken",
      "agent gone agent broken",
      "agent sentiment agent configured",
      "pipeline louder pipeline configured",
      "pipeline unsound pipeline broken",
      "flow loud flow configured",
      "flow unsound.v2 flow broken",
    ]);
    expect(list.slice(11).every(({ from, state }) => from === "built in" && state === "configured")).toBe(
      true,
    );
    expect(list.filter(({ name }) => name === "sentiment")).toHaveLength(1);
    expect(named(list, "batch")).toMatchObject({
      kind: "stage",
      type: "stage",
      from: "built in",
      capabilities: ["batch-processing"],
      needs: { memoryMb: 2_048, cores: 4 },
    });
    expect(named(list, "shout")).toEqual({
      kind: "agent",
      name: "shout",
      from: "./shout.ts#shout",
      type: "agent",
      version: "1.2.0",
      description: "Turns a text into capitals.",
      capabilities: ["text"],
      needs: { memoryMb: 512, cores: 1 },
      state: "configured",
    });
    expect(named(list, "mine")).toMatchObject({
      description: "My own words.",
      needs: { memoryMb: 512, cores: 8 },
    });
    expect(named(list, "asking")).toMatchObject({ model: "small-1", description: "Asks small-1" });
    expect(named(list, "throws")?.reason).toMatch(/it threw while it was imported: boom/);
    expect(named(list, "wrong")?.reason).toMatch(/^atomic.yaml:7:10: .*"wrong" is no agent but a number/);
    expect(named(list, "gone")?.reason).toMatch(/there is no file/);
    expect(named(list, "unsound")?.reason).toMatch(/boom/);
    expect(named(list, "unsound.v2")?.reason).toMatch(/^flows\/unsound\.v2\.flow\.yaml:3:.*shuot/);
    expect(named(list, "loud")).toMatchObject({ from: "flows/loud.flow.yaml", description: "Louder" });
  });

  it("lists what has a capability, and says which there are", async () => {
    const names = async (capability: string) =>
      (await listed(cwd, ` --capability ${capability}`)).map(({ kind, name }) => `${kind} ${name}`);
    expect(await names("data-validation")).toEqual([
      "stage validate",
      "stage profile",
      "agent validate-text",
    ]);
    expect((await names("text")).slice(0, 4)).toEqual([
      "agent shout",
      "agent mine",
      "agent sentiment",
      "agent analyze-text",
    ]);
    const { code, stderr } = await atomic(cwd, "list --capability data-validaton");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Nothing has the capability "data-validaton"\n/);
    expect(stderr).toMatch(/expected: one of stream-processing, batch-processing, data-transformation, /);
    expect(stderr).toContain('try:      Did you mean "data-validation"?');
  });

  it("says of the path of a flow without its ending what was meant, and finds one beside a folder of its name", async () => {
    const sound = folder({
      "shout.ts": shout,
      "atomic.yaml": "agents: { shout: ./shout.ts#shout }\n",
      "data/in.jsonl": '{"text":"a"}\n',
      "flows/data.flow.yaml": flow("shout"),
    });
    for (const name of ["flows/data", "./flows/data.flow"]) {
      const { code, stderr } = await atomic(sound, `run ${name}`);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/no file "[^]*try: +Did you mean the flow "data"\?/),
      ]);
    }
    expect(await atomic(sound, "check data")).toMatchObject({ code: 0 });
  });

  it("tells what ran, by itself or as a part of something", async () => {
    const sound = folder({
      ...project,
      // What is broken, and not used, is no matter to the flow.
      "atomic.yaml":
        "agents:\n  shout: ./shout.ts#shout\n  gone: ./gone.ts\npipelines:\n  twice:\n    stages: [shout, { agent: shout, id: again }]\n",
      "flows/loud.flow.yaml": flow("twice"),
    });
    expect(await atomic(sound, "run flows/loud.flow.yaml")).toMatchObject({ code: 0 });
    const list = await listed(sound);
    const ran = list.filter(({ state }) => state === "ran");
    expect(ran.map(({ name }) => name)).toEqual(["shout", "twice", "loud"]);
    expect(ran[2]?.lastRun).toEqual({
      runId: expect.stringMatching(/^\S+$/),
      status: "success",
      startedAtMs: expect.any(Number),
    });
    expect(ran.map(({ lastRun }) => lastRun?.runId)).toEqual(Array(3).fill(ran[2]?.lastRun?.runId));
  });

  it("shows it as a table, with ASCII and without colours where these cannot be", async () => {
    const { code, stdout, stderr } = await atomic(cwd, "list", { LC_ALL: "C" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ {3}NAME +TYPE +MODEL +LAST RUN +DESCRIPTION +FROM\n/);
    expect(stdout).toMatch(/\n- {2}asking +agent +small-1 +Asks small-1 +\.\/shout\.ts#asking\n/);
    expect(stdout).toMatch(/\n! {2}gone +agent +\.\/gone\.ts#gone\n/);
    expect(stdout).toMatch(/\nBroken:\n {2}throws: .*boom.*\n {4}try: .*\n {2}wrong: /);
    expect(stdout).toMatch(/- configured {3}! broken\n$/);
    expect(stdout).not.toMatch(/[●◐○]/);
    expect(stdout).not.toContain("\u001b");
    const coloured = await atomic(cwd, "list", { FORCE_COLOR: "1" });
    expect(coloured.stdout).toContain("\u001b[31m○\u001b[39m  gone");
  });

  it("lists a module that never ends as broken, within the time that it is given", async () => {
    const hanging = folder({
      "atomic.yaml": "agents:\n  late: ./late.ts#late\n  waits: ./waits.ts#waits\n  short: summarize\n",
      "late.ts": "for (;;) {}\n",
      "waits.ts": "setInterval(() => {}, 60_000);\nawait new Promise(() => {});\n",
    });
    const list = await listed(hanging, " --load-timeout 1000");
    expect(named(list, "late")?.reason).toMatch(/late\.ts was still being imported after 1000 ms/);
    expect(named(list, "waits")?.reason).toMatch(/waits\.ts was still being imported after 1000 ms/);
    expect(named(list, "short")?.state).toBe("configured");
  });

  it("lists what there is though its runs cannot be read", async () => {
    const cwd = folder({ "atomic.yaml": "agents:\n  a: summarize\n", ".atomic/runs": "no folder" });
    const { code, stdout, stderr } = await atomic(cwd, "list");
    expect({ code, isListed: stdout.includes("◐  a ") }).toEqual({ code: 0, isListed: true });
    expect(stderr).toMatch(/^warning: what ran is not known: .*a part of the path is no folder/);
  });

  it("takes another file, and a profile", async () => {
    const other = folder({
      "other.yaml":
        "agents:\n  a: summarize\nprofiles:\n  production: { agents: { a: clean-text, b: summarize } }\n",
    });
    const list = await listed(other, " --config other.yaml --profile production");
    expect(list.slice(0, 2).map(({ name, from }) => [name, from])).toEqual([
      ["a", "clean-text"],
      ["b", "summarize"],
    ]);
    const { code, stderr } = await atomic(other, "list --config none.yaml");
    expect({ code, said: stderr.includes("none.yaml") }).toEqual({ code: 2, said: true });
  });
});

describe("in a project whose file has mistakes", () => {
  it("lists what can be read, and then says what is wrong", async () => {
    const cwd = folder({ "atomic.yaml": "agnets: {}\nagents:\n  a: summarize\n" });
    const { code, stdout, stderr } = await atomic(cwd, "list --json");
    expect(code).toBe(2);
    expect(named(JSON.parse(stdout) as readonly Listed[], "a")?.state).toBe("configured");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "CONFIG" }, exitCode: 2 });
  });

  it("lists what is built in where nothing can be read", async () => {
    const { code, stdout, stderr } = await atomic(folder({ "atomic.yaml": "agents: [\n" }), "list");
    expect(code).toBe(2);
    expect(stdout).toContain("clean-text");
    expect(stderr).toContain("atomic.yaml:");
  });
});
