import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Outside of the workspace, whose settings of tools leave some folders out; with its packages. */
const scratch = mkdtempSync(join(tmpdir(), "atomic create é "));
chmodSync(scratch, 0o755);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const root = join(import.meta.dirname, "../../../..");
const program = join(import.meta.dirname, "../bin.ts");
const source = "--conditions=@atomic-agents/source";
const env = {
  ...process.env,
  NO_COLOR: "1",
  NODE_OPTIONS: source,
  // They are many, and most of each is its start.
  NODE_COMPILE_CACHE: join(root, "out", "compile-cache"),
};

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(cwd: string, file: string, args: readonly string[], uid?: number): Promise<Ended> {
  return new Promise((resolve) =>
    execFile(file, args, { cwd, env, uid, timeout: 100_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    ),
  );
}

/** The command, in a process of its own. */
const atomic = (cwd: string, line: string | readonly string[], uid?: number) =>
  run(cwd, process.execPath, [program, ...(typeof line === "string" ? line.split(" ") : line)], uid);

/** All files of a project with their texts. */
function snapshot(project: string): Readonly<Record<string, string>> {
  const entries = readdirSync(project, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(project.length + 1), readFileSync(path, "utf8")]),
  );
}

const base = join(scratch, "base");
let projects = 0;

/** A project of its own: the minimal one, with what is given besides. */
function project(files: Readonly<Record<string, string>> = {}): string {
  const path = join(scratch, `project ${++projects}`);
  cpSync(base, path, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

beforeAll(async () => {
  symlinkSync(join(root, "node_modules"), join(scratch, "node_modules"));
  for (const name of ["biome.json", ".oxlintrc.json"]) cpSync(join(root, name), join(scratch, name));
  await atomic(scratch, "init base --template minimal");
});

const agents = `# My agents, in my order.
name: mine
agents:
  # Says what kind a text is.
  classify: ./agents.ts#classify # keep
  shout: ./agents.ts#shout
  coded: ./agents.ts#coded

settings:
  logLevel: error
`;
const modules = `import { defineAgent } from "atomic-agents";
import * as z from "zod";

export const classify = defineAgent({
  name: "classify",
  description: "Says what kind a text is.",
  input: z.object({ text: z.string().min(3) }),
  output: z.object({ kind: z.enum(["bug", "question"]) }),
  execute: () => ({ kind: "bug" as const }),
});

export const shout = defineAgent({
  name: "shout",
  description: "Turns a text into capitals.",
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});

export const coded = defineAgent({
  name: "coded",
  description: "Takes what nobody guesses.",
  input: z.object({ code: z.string().regex(/^[A-Z]{2}[0-9]$/) }),
  output: z.object({ text: z.string() }),
  execute: ({ code }) => ({ text: code }),
});
`;
const withAgents = { "atomic.yaml": agents, "agents.ts": modules };

/** How a call went that is to be refused: what it did not say of what it should, and whether it changed anything. */
async function refusal(path: string, args: string | readonly string[], ...said: readonly string[]) {
  const before = snapshot(path);
  const { code, stdout, stderr } = await atomic(path, args);
  const isSaid = said.every((words) => stderr.includes(words));
  const isChanged = !isDeepStrictEqual(snapshot(path), before);
  return { code, stdout, said: isSaid ? said : stderr, isChanged };
}

/** How such a call has to go. */
const refused = (...said: readonly string[]) => ({ code: 2, stdout: "", said, isChanged: false });

describe("what is created", () => {
  const path = join(scratch, "all");
  beforeAll(() => {
    cpSync(project(withAgents), path, { recursive: true });
    mkdirSync(join(path, "data"));
    writeFileSync(join(path, "data", "a.jsonl"), '{"text":"it crashes"}\n');
    writeFileSync(join(path, "data", "b.jsonl"), '{"text":"why?"}\n');
  });

  const calls: readonly (readonly [string, readonly string[], Partial<Ended>, readonly string[]])[] = [
    [
      "create agent find-links --type function",
      [],
      { stderr: "" },
      ["agents/find-links.test.ts", "agents/find-links.ts", "an entry in atomic.yaml"],
    ],
    [
      "create agent running-mean --type class",
      [],
      { stderr: "" },
      ["agents/running-mean.test.ts", "agents/running-mean.ts", "an entry in atomic.yaml"],
    ],
    [
      "create agent shorten --type text",
      [],
      { stderr: "" },
      ["agents/shorten.test.ts", "agents/shorten.ts", "an entry in atomic.yaml"],
    ],
    [
      "create agent sum-up --type llm --model simulated --temperature 0.2",
      [],
      { stderr: "" },
      ["agents/sum-up.test.ts", "agents/sum-up.ts", "an entry in atomic.yaml"],
    ],
    // What JavaScript keeps for itself, and what the written files use.
    [
      "create agent models --type llm",
      [],
      { stderr: "" },
      ["agents/models.test.ts", "agents/models.ts", "an entry in atomic.yaml"],
    ],
    [
      "create agent delete --type text",
      [],
      { stderr: "" },
      ["agents/delete.test.ts", "agents/delete.ts", "an entry in atomic.yaml"],
    ],
    [
      "create agent test --type text",
      [],
      { stderr: "" },
      ["agents/test.test.ts", "agents/test.ts", "an entry in atomic.yaml"],
    ],
    [
      "create pipeline numbers find-links running-mean find-links",
      [],
      { stderr: "" },
      ["pipelines/numbers.examples.jsonl", "pipelines/numbers.test.ts", "an entry in atomic.yaml"],
    ],
    [
      "create pipeline codes coded shout --example",
      ['{"code":"AB1"}'],
      { stderr: "" },
      ["pipelines/codes.examples.jsonl", "pipelines/codes.test.ts", "an entry in atomic.yaml"],
    ],
    [
      "create pipeline louder shout classify",
      [],
      {
        stderr: expect.stringMatching(
          /^warning: classify takes only some of what shout gives: .+\n$/,
        ) as string,
      },
      ["pipelines/louder.examples.jsonl", "pipelines/louder.test.ts", "an entry in atomic.yaml"],
    ],
    [
      "create flow articles shorten shout",
      [],
      { stderr: "" },
      ["data/articles.jsonl", "flows/articles.flow.yaml", "flows/articles.test.ts"],
    ],
    [
      "create flow through numbers",
      [],
      { stderr: "" },
      ["data/through.jsonl", "flows/through.flow.yaml", "flows/through.test.ts"],
    ],
  ];

  it.each(calls)("is told: %s", async (line, more, ended, files) => {
    const { code, stdout, stderr } = await atomic(path, [...line.split(" "), ...more]);
    expect({ code, stderr }).toEqual({ code: 0, ...ended });
    expect(stdout.split("\n").slice(1, 4)).toEqual(files.map((file) => `  ${file}`));
  });

  it("reads and writes the files that it is told to, as seen from the current folder", async () => {
    const line = ["create", "flow", "tickets", "classify", "--source", "[ab].jsonl", "--sink", "../done.csv"];
    expect(await atomic(join(path, "data"), line)).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(path, "flows", "tickets.flow.yaml"), "utf8")).toContain(
      `
name: tickets
source: data/[ab].jsonl
stages:
  - agent: classify
    onError: dead-letter
sink: done.csv
`,
    );
  });

  it("stands in the project's file, whose comments and order stay", () => {
    expect(readFileSync(join(path, "atomic.yaml"), "utf8")).toBe(
      `${agents.replace(
        "#coded\n",
        `#coded
  find-links: ./agents/find-links.ts#findLinks
  running-mean: ./agents/running-mean.ts#runningMean
  shorten: ./agents/shorten.ts#shorten
  sum-up: ./agents/sum-up.ts#sumUp
  models: ./agents/models.ts#modelsAgent
  delete: ./agents/delete.ts#deleteAgent
  test: ./agents/test.ts#testAgent
`,
      )}
pipelines:
  numbers:
    stages:
      - find-links
      - running-mean
      - agent: find-links
        id: find-links-2
  codes:
    stages:
      - coded
      - shout
  louder:
    stages:
      - shout
      - classify
`,
    );
  });

  it("has nothing left of what it was made of", () => {
    for (const [file, text] of Object.entries(snapshot(path))) {
      expect({ file, found: /my-?(agent|pipeline|flow|project)/i.exec(text)?.[0] }).toEqual({ file });
    }
  });

  const bin = (name: string) => join(root, "node_modules", ".bin", name);
  it.each([
    ["atomic check", process.execPath, [program, "check"]],
    ["tsc", bin("tsc"), ["--customConditions", "@atomic-agents/source"]],
    ["biome", bin("biome"), ["format", "--config-path", scratch, "."]],
    [
      "oxlint",
      bin("oxlint"),
      ["--config", join(scratch, ".oxlintrc.json"), "--type-aware", "--deny-warnings", "."],
    ],
    ["node --test", process.execPath, ["--test"]],
  ])("pleases %s", async (_, file, args) => {
    const { code, stdout, stderr } = await run(path, file, args);
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
  });

  it("runs", async () => {
    expect(await atomic(path, "run flows/articles.flow.yaml")).toMatchObject({ code: 0 });
    expect(readFileSync(join(path, "out", "articles.jsonl"), "utf8")).toBe('{"text":"SOME TEXT"}\n');
  });
});

describe("create agent", () => {
  it("works from a folder within the project, and for a project in JSON", async () => {
    const path = project({ "other.json": '{ "agents": { "a": "summarize" } }\n' });
    mkdirSync(join(path, "deep", "er"), { recursive: true });
    const deep = await atomic(join(path, "deep", "er"), "create agent one --type text --json");
    expect(JSON.parse(deep.stdout)).toMatchObject({
      kind: "agent",
      name: "one",
      files: ["../../agents/one.test.ts", "../../agents/one.ts"],
      entryIn: "../../atomic.yaml",
    });
    expect(await atomic(path, "create agent two --type text --config other.json")).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(path, "other.json"), "utf8"))).toEqual({
      agents: { a: "summarize", two: "./agents/two.ts#two" },
    });
  });

  it.each([
    ["FindLinks --type text", '"FindLinks" is no name for an agent', "Did you mean find-links?"],
    ["../../evil --type text", '"../../evil" is no name for an agent', "Did you mean evil?"],
    ["classify --type text", "There is an agent classify already", "atomic list"],
    ["summarize --type text", "There is a built-in agent summarize already"],
    ["new", "The agent needs a type", "one of function, class, text, llm"],
    ["new --type lm", 'There is no agent type "lm"', "one of function, class, text, llm"],
    ["new --type text --model large", "An agent of type text has no model", "--type llm"],
    ["new --type class --temperature 0.5", "An agent of type class has no temperature"],
    ["new --type llm --model opnai/x", 'There is no model "opnai/x"', "--model", "models.endpoints"],
    ["new --type llm --temperature hot", "The temperature is a number", "from 0 to 2"],
    ["new --type text extra", "too many arguments", "atomic create agent --help"],
    ["new --typ text", "unknown option '--typ'", "Did you mean --type?"],
    ["there --type text", join("agents", "there.ts"), "is there already", "Nothing was written"],
  ])("refuses %s", async (line, ...said) => {
    const path = project({ ...withAgents, "agents/there.ts": "" });
    expect(await refusal(path, `create agent ${line}`, ...said)).toEqual(refused(...said));
  });

  it("does not mind what is wrong elsewhere in the project", async () => {
    const path = project({ "atomic.yaml": "agents:\n  gone: ./gone.ts#gone\n" });
    expect(await atomic(path, "create agent new --type text")).toMatchObject({ code: 0 });
  });

  it.each([
    ["no project", undefined, ["There is no project in", "atomic init makes a project."]],
    ["broken YAML", "name: mine\nagents:\n  a: [\n", ["atomic.yaml:"]],
    ["an unknown key", "name: mine\nagent:\n  a: summarize\n", ["atomic.yaml:2:1", "agents"]],
  ])("refuses %s", async (_, text, said) => {
    const path = mkdtempSync(join(tmpdir(), "atomic-bare-"));
    if (text !== undefined) writeFileSync(join(path, "atomic.yaml"), text);
    expect(await refusal(path, "create agent new --type text", ...said)).toEqual(refused(...said));
    rmSync(path, { recursive: true });
  });

  it("refuses a folder where it may not write", async () => {
    // Alone in its folder, which is not for everybody.
    const path = mkdtempSync(join(tmpdir(), "atomic-closed-"));
    chmodSync(path, 0o755);
    writeFileSync(join(path, "atomic.yaml"), "name: mine\n");
    mkdirSync(join(path, "agents"));
    chmodSync(join(path, "agents"), 0o777);
    chmodSync(path, 0o555);
    const uid = process.getuid?.() === 0 ? 65_534 : undefined;
    const ended = await atomic(path, "create agent new --type text", uid);
    chmodSync(path, 0o755);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("cannot be written: permission is denied");
    expect(snapshot(path)).toEqual({ "atomic.yaml": "name: mine\n" });
    rmSync(path, { recursive: true });
  });
});

describe("create pipeline", () => {
  it.each([
    ["new", "missing required argument 'agents'"],
    [
      "new clasify nope sumarize",
      "There are no agents clasify (did you mean classify?), nope, sumarize (did you mean summarize?)",
    ],
    ["new nope", "There is no agent nope", "atomic create agent nope --type function"],
    [
      "new classify shout",
      "shout takes nothing that classify gives",
      "atomic describe shout --fits-after classify",
    ],
    ["classify shout", "There is an agent classify already"],
    ["new broken", "boom"],
    ["new coded", "No input was found that coded takes", "--example"],
    ['new coded --example {"code":1}', "coded does not take the example"],
    ["new coded --example {", "The example is not JSON"],
  ])("refuses %s", async (line, ...said) => {
    const path = project({
      "broken.ts": "throw new Error('boom');\n",
      "agents.ts": modules,
      "atomic.yaml": agents.replace("#coded\n", "#coded\n  broken: ./broken.ts#broken\n"),
    });
    expect(await refusal(path, `create pipeline ${line}`, ...said)).toEqual(refused(...said));
  });
});

describe("create flow", () => {
  it.each([
    ["new nope classify", "There is no agent nope"],
    ["new classify shout", "shout takes nothing that classify gives"],
    ["new coded", "No input was found that coded takes", "--example"],
    ["new classify --source data/none.jsonl", 'There is no file "data/none.jsonl"', "--source"],
    ["new classify --source ../..", "flows/new.flow.yaml:"],
    ["new classify --source -", "A new flow reads a file"],
    ["new classify --source https://example.org/", "A new flow reads a file"],
    ["new classify --sink ../../out.jsonl", "flows/new.flow.yaml:"],
    ["new classify --sink out/x.xyz", '"out/x.xyz" does not say how records are to stand in it', "--sink"],
    ["new classify --sink ..", '".." is a folder', "--sink"],
    ["new classify --source agents.ts --example {}", "The records were given twice"],
    ["New classify", '"New" is no name for a flow', "Did you mean new?"],
  ])("refuses %s", async (line, ...said) => {
    expect(await refusal(project(withAgents), `create flow ${line}`, ...said)).toEqual(refused(...said));
  });

  it("says of rows that their fields are texts, where an agent asks for numbers", async () => {
    const path = project({
      "atomic.yaml": "agents:\n  doubled: ./doubled.ts#doubled\n",
      "doubled.ts": `import { defineAgent } from "atomic-agents";
import * as z from "zod";
const Row = z.object({ price: z.number() });
export const doubled = defineAgent({
  name: "doubled", description: "Doubles a price.", input: Row, output: Row,
  execute: ({ price }) => ({ price: price * 2 }),
});
`,
      "rows.csv": "price\n1.5\n",
    });
    const said = [
      "takes none of these records",
      "The fields of CSV are texts unless the flow file says `types`.",
    ];
    expect(await refusal(path, "create flow new doubled --source rows.csv", ...said)).toEqual(
      refused(...said),
    );
  });
});
