import { type AnyAgent, AtomicError, describe as describeAgent, Secret, untyped } from "@atomic-agents/core";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { formatProblem } from "../files/problem.ts";
import { ProjectError } from "../files/project-error.ts";
import { openProject, type OpenProjectOptions } from "./open-project.ts";

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const root = realpathSync(mkdtempSync(join(scratch, "open-project-")));
const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "open-project-")));
afterAll(() => {
  rmSync(root, { recursive: true });
  rmSync(elsewhere, { recursive: true });
});

let count = 0;

/** A folder of its own with these files. */
function folderWith(files: Readonly<Record<string, string>>, base = root): string {
  const folder = join(base, `p${++count}`);
  for (const [name, text] of Object.entries({ ".git/HEAD": "", ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function open(yaml: string, files: Readonly<Record<string, string>> = {}, options: OpenProjectOptions = {}) {
  const directory = folderWith({ "atomic.yaml": yaml, ...files });
  return openProject({ directory, environment: {}, ...options });
}

/** What is wrong, as a user sees it. */
async function told(
  yaml: string,
  files: Readonly<Record<string, string>> = {},
  options: OpenProjectOptions = {},
) {
  const project = await open(yaml, files, options);
  return project.problems.map((problem) => tellingOf(problem, project.directory));
}

function tellingOf(problem: ProjectError["problems"][number], directory: string): string {
  const hint = problem.hint === undefined ? "" : ` | ${problem.hint}`;
  const weight = problem.severity === "warning" ? "(warning) " : "";
  return `${weight}${formatProblem(problem)}${hint}`.replaceAll(directory, "<project>");
}

async function refusal(action: () => Promise<unknown>): Promise<AtomicError> {
  try {
    await action();
  } catch (error) {
    if (AtomicError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("It did not throw.");
}

const imports = 'import { defineAgent } from "@atomic-agents/core";\nimport * as z from "zod";\n';
const upper = `${imports}export const upper = defineAgent({
  name: "upper", description: "Capitals.", input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }), execute: ({ text }) => ({ text: text.toUpperCase() }),
});`;
const length = `${imports}export const length = defineAgent({
  name: "length", description: "Length.", input: z.object({ text: z.string() }),
  output: z.object({ length: z.number() }), execute: ({ text }) => ({ length: text.length }),
});`;

describe("finding the file", () => {
  test("in the folder, or in one above", async () => {
    const directory = folderWith({ "atomic.yaml": "name: above\n", "a/b/c.txt": "" });
    for (const at of [directory, join(directory, "a"), join(directory, "a/b")]) {
      const project = await openProject({ directory: at });
      expect([project.name, project.directory, project.file]).toEqual(["above", directory, "atomic.yaml"]);
    }
  });

  test.each(["atomic.yml", "atomic.json"])("as %s", async (file) => {
    const directory = folderWith({ [file]: '{ "name": "other" }' });
    const project = await openProject({ directory });
    expect([project.name, project.file]).toEqual(["other", file]);
  });

  test("not beyond a repository", async () => {
    const directory = folderWith({
      "atomic.yaml": "name: above\n",
      "inner/.git/HEAD": "",
      "inner/a/b.txt": "",
    });
    const project = await openProject({ directory: join(directory, "inner/a") });
    expect([project.name, project.file, project.problems]).toEqual(["a", undefined, []]);
    expect(project.directory).toBe(join(directory, "inner/a"));
  });

  test("not in a folder above in which everybody may write", async () => {
    // As the system's folder for temporary files is.
    const folder = join(elsewhere, "open");
    mkdirSync(join(folder, "inner"), { recursive: true });
    writeFileSync(join(folder, "atomic.yaml"), "name: trap\n");
    const { chmodSync } = await import("node:fs");
    chmodSync(folder, 0o1777);
    writeFileSync(join(folder, "inner/.git"), "");
    rmSync(join(folder, "inner/.git"));
    expect((await openProject({ directory: join(folder, "inner") })).file).toBeUndefined();
    expect((await openProject({ directory: folder })).name).toBe("trap");
  });

  test("a folder without one is a project of its flows", async () => {
    const directory = folderWith({ "a.flow.yaml": "source: a\nsink: b\n" });
    const project = await openProject({ directory, environment: { ATOMIC_PROFILE: "production" } });
    expect(project).toMatchObject({
      directory,
      file: undefined,
      document: undefined,
      problems: [],
      profile: undefined,
    });
    expect([...project.flows.keys()]).toEqual(["a"]);
    expect((await project.agent("summarize")).name).toBe("summarize");
  });

  test("an empty file is a project without anything", async () => {
    const project = await open("# nothing yet\n");
    expect([project.file, project.problems, project.agents.size]).toEqual(["atomic.yaml", [], 0]);
  });

  test("the one that is named", async () => {
    const directory = folderWith({ "atomic.yaml": "name: a\n", "sub/other.yaml": "name: b\n" });
    const project = await openProject({ directory, config: "sub/other.yaml" });
    expect([project.name, project.directory, project.file]).toEqual([
      "b",
      join(directory, "sub"),
      "other.yaml",
    ]);
  });

  test.each<[string, OpenProjectOptions, string]>([
    [
      "no such file",
      { config: "missing.yaml" },
      'The project file "missing.yaml" is not there: <project>/missing.yaml',
    ],
    ["a folder", { config: "sub" }, 'The project file "sub" is a folder'],
    [
      "another kind of file",
      { config: "a.txt" },
      'The project file "a.txt" is neither YAML nor JSON by its name',
    ],
    [
      "a path with NUL",
      { config: "a\0.yaml" },
      'The project file "a\\u0000.yaml" is not there: <project>/a\0.yaml',
    ],
    [
      "no such profile",
      { profile: "prod" },
      'There is no profile "prod" in atomic.yaml: there are production, staging',
    ],
    [
      "no profile of the variable",
      { environment: { ATOMIC_PROFILE: "x" } },
      'There is no profile "x" in atomic.yaml: there are production, staging',
    ],
    [
      "a profile from the prototype",
      { profile: "toString" },
      'There is no profile "toString" in atomic.yaml: there are production, staging',
    ],
  ])("refused: %s", async (_what, options, message) => {
    const directory = folderWith({
      "atomic.yaml": "profiles: {production: {}, staging: {}}\n",
      "a.txt": "",
      "sub/a.txt": "",
    });
    const error = await refusal(() => openProject({ directory, environment: {}, ...options }));
    expect(error.code).toBe("CONFIG");
    expect(error.message.replaceAll(directory, "<project>")).toBe(message);
  });

  test("refused: no such folder, two files, a profile without a file", async () => {
    const both = folderWith({ "atomic.yaml": "", "atomic.json": "{}" });
    const none = folderWith({});
    const errors = [
      await refusal(() => openProject({ directory: join(root, "missing") })),
      await refusal(() => openProject({ directory: join(both, "atomic.yaml") })),
      await refusal(() => openProject({ directory: both })),
      await refusal(() => openProject({ directory: none, profile: "production" })),
    ];
    expect(errors.map(({ message }) => message)).toEqual([
      `The project directory ${JSON.stringify(join(root, "missing"))} is not there`,
      `The project directory ${JSON.stringify(join(both, "atomic.yaml"))} is no folder`,
      `There are both atomic.yaml and atomic.json in ${both}`,
      'There is no profile "production" in no project file: there is none',
    ]);
  });
});

describe("settings", () => {
  test("have defaults", async () => {
    expect((await open("")).settings).toEqual({
      logLevel: "warn",
      outputFormat: "auto",
      runs: { store: "folder", path: ".atomic/runs", retentionDays: 7, maxBytes: 268_435_456 },
      alerts: { errorRate: undefined, deadLetters: undefined },
      inputFolders: [],
      serve: {},
    });
  });

  test("say how the project is served, and elsewhere otherwise", async () => {
    const yaml = `
agents: { trim: summarize }
settings:
  serve:
    agents: [trim, sentimnt, ./gone.ts#a]
    port: 4000
    tokens: { env: TOKENS }
profiles:
  production:
    settings:
      serve: { agents: [trim], host: 0.0.0.0, tokens: { secretFile: /run/none } }
`;
    const here = await open(yaml);
    expect(here.settings.serve).toMatchObject({ port: 4_000, tokens: { env: "TOKENS" } });
    expect(await told(yaml)).toEqual([
      'atomic.yaml:5:20: There is no agent or pipeline "sentimnt" | Did you mean "sentiment"?',
      expect.stringMatching(/^atomic\.yaml:5:30: .*gone\.ts/),
      expect.stringMatching(/^\(warning\) atomic\.yaml:7:13: The environment variable TOKENS is not set/),
    ]);
    const production = await open(yaml, {}, { profile: "production" });
    expect(production.settings.serve).toEqual({
      agents: ["trim"],
      port: 4_000,
      host: "0.0.0.0",
      tokens: { secretFile: "/run/none" },
    });
    expect(await told(yaml, {}, { profile: "production" })).toEqual([
      expect.stringMatching(/^\(warning\) atomic\.yaml:11:.*"\/run\/none".*not there/),
    ]);
  });

  test("are those of the file, and of the profile over them", async () => {
    const yaml = `
settings:
  logLevel: info
  runs: { store: sqlite, retentionDays: 30 }
  alerts: { errorRate: 0.05 }
profiles:
  production:
    name: tickets in production
    settings:
      logLevel: error
      runs: { retentionDays: 90 }
      alerts: { deadLetters: 100 }
`;
    expect((await open(yaml)).settings).toMatchObject({ logLevel: "info", runs: { retentionDays: 30 } });
    const production = await open(yaml, {}, { profile: "production" });
    expect(production).toMatchObject({
      name: "tickets in production",
      profile: "production",
      profiles: ["production"],
      settings: {
        logLevel: "error",
        runs: { store: "sqlite", path: ".atomic/runs", retentionDays: 90 },
        alerts: { errorRate: 0.05, deadLetters: 100 },
      },
    });
    const byVariable = await open(yaml, {}, { environment: { ATOMIC_PROFILE: "production" } });
    expect(byVariable.settings).toEqual(production.settings);
    expect((await open(yaml, {}, { environment: { ATOMIC_PROFILE: "" } })).profile).toBeUndefined();
  });
});

describe("profiles", () => {
  const yaml = `
agents:
  first: ./a.ts#upper
  second: { use: ./a.ts#make, config: { size: 1, deep: { a: 1, b: [1, 2] }, key: { env: KEY } } }
pipelines:
  both: { description: Both., stages: [first, second] }
resources:
  db: { type: sqlite, file: a.db, readOnly: true }
  api: { type: http, url: https://a.example.com, headers: { accept: text/plain, token: { env: A } } }
flows:
  one: a.flow.yaml
profiles:
  production:
    agents:
      first: { config: { size: 2 } }
      second: { config: { size: 3, deep: { b: [9] }, key: { secretFile: /run/secrets/key } } }
      third: ./b.ts
    pipelines:
      both: { stages: [second] }
    resources:
      db: { file: b.db }
      api: { type: module, use: ./b.ts#api }
    flows:
      two: b.flow.yaml
`;

  test("are laid over the rest, key by key", async () => {
    const { document } = await open(yaml, {}, { profile: "production" });
    expect(document?.value).toMatchObject({
      agents: {
        first: { use: "./a.ts#upper", config: { size: 2 } },
        second: {
          use: "./a.ts#make",
          config: { size: 3, deep: { a: 1, b: [9] }, key: { secretFile: "/run/secrets/key" } },
        },
        third: "./b.ts",
      },
      pipelines: { both: { description: "Both.", stages: ["second"] } },
      resources: {
        db: { type: "sqlite", file: "b.db", readOnly: true },
        api: { type: "module", use: "./b.ts#api" },
      },
      flows: { one: "a.flow.yaml", two: "b.flow.yaml" },
    });
    const merged = document?.value as {
      resources: { api: object };
      agents: { second: { config: { key: object } } };
    };
    expect(Object.keys(merged.resources.api)).toEqual(["type", "use"]);
    expect(Object.keys(merged.agents.second.config.key)).toEqual(["secretFile"]);
  });

  test("know of each part where it is written", async () => {
    const { document } = await open(yaml, {}, { profile: "production" });
    const at = (...path: (string | number)[]) => document?.positionOf(path).line;
    expect([at("agents", "first", "use"), at("agents", "first", "config", "size")]).toEqual([3, 15]);
    expect([
      at("agents", "second", "config", "deep", "a"),
      at("agents", "second", "config", "deep", "b", 0),
    ]).toEqual([4, 16]);
    expect([at("resources", "db", "readOnly"), at("resources", "db", "file"), at("agents", "third")]).toEqual(
      [8, 21, 17],
    );
  });

  test("may make what is wrong only with them", async () => {
    const wrong = `
agents: { a: summarize }
profiles:
  production:
    agents:
      b: { config: {} }
    resources:
      c: { readOnly: true }
    settings: { loglevel: warn }
`;
    expect(await told(wrong)).toEqual([
      'atomic.yaml:9:17: Unknown key "loglevel" in profiles.production.settings | Did you mean "logLevel"?',
    ]);
    expect(await told(wrong, {}, { profile: "production" })).toEqual([
      'atomic.yaml:6:7: The key "use" is missing in agents.b | Add use: a module and its export, or the name of a built-in agent, such as use: ./agents/clean.ts#clean.',
      'atomic.yaml:8:7: The key "type" is missing in resources.c | Add type: one of sqlite, http, module.',
      'atomic.yaml:9:17: Unknown key "loglevel" in profiles.production.settings | Did you mean "logLevel"?',
    ]);
  });
});

describe("what is wrong in the file is told with its place, and nothing is imported", () => {
  const boom = { "boom.ts": "throw new Error('imported');" };

  test.each<[string, string, readonly string[]]>([
    [
      "a broken file",
      "agents:\n\tclean: ./boom.ts\n",
      ["atomic.yaml:2:1: A tab where only spaces may indent | Indent with spaces, two for each level."],
    ],
    [
      "names that nothing has",
      "agents:\n  a: sumarize\n  b: { use: nonsense-at-all }\npipelines:\n  p:\n    stages: [a, lenght, { agent: b, id: x }, q]\n  q: { stages: [zzzzzz] }\n  length: { stages: [summarize] }\n",
      [
        'atomic.yaml:2:6: There is no built-in agent "sumarize" | Did you mean "summarize"?',
        'atomic.yaml:3:13: There is no built-in agent "nonsense-at-all" | Name a built-in agent, or a module, such as ./agents/clean.ts#clean.',
        'atomic.yaml:6:17: There is no agent or pipeline "lenght" | Did you mean "length"?',
        'atomic.yaml:7:17: There is no agent or pipeline "zzzzzz" | Name an agent or pipeline of the project, a built-in agent, or a module, such as ./agents/clean.ts#clean.',
      ],
    ],
    [
      "modules that are not there, or elsewhere",
      `agents:
  a: ./bom.ts#x
  b: ../../../package.json
  c: /etc/passwd
  d: { use: "http://example.com/a.js" }
  e: ./link.ts
  f: "node:fs#readFileSync"
  g: ./atomic.yaml
  h: ./boom.ts#
pipelines:
  p: { stages: [./nope.ts] }
resources:
  r: { type: module, use: ./nope.ts#r }
`,
      [
        'atomic.yaml:2:6: Cannot load an agent from "./bom.ts#x": there is no file <project>/bom.ts | Did you mean "boom.ts"?',
        `atomic.yaml:3:6: Cannot load an agent from "../../../package.json": ${dirname(dirname(root))}/package.json lies outside of <project> | Export it from a module there, which may import any file; or go to a folder that holds it, and name it from there.`,
        'atomic.yaml:4:6: Cannot load an agent from "/etc/passwd": /etc/passwd lies outside of <project> | Export it from a module there, which may import any file; or go to a folder that holds it, and name it from there.',
        'atomic.yaml:5:13: Cannot load an agent from "http://example.com/a.js": "http:" references are refused; only files are loaded | Give the path of a file, relative to the current folder.',
        `atomic.yaml:6:6: Cannot load an agent from "./link.ts": ${elsewhere}/outside.ts lies outside of <project> | Export it from a module there, which may import any file; or go to a folder that holds it, and name it from there.`,
        'atomic.yaml:7:6: Cannot load an agent from "node:fs#readFileSync": "node:" references are refused; only files are loaded | Give the path of a file, relative to the current folder.',
        'atomic.yaml:8:6: Cannot load an agent from "./atomic.yaml": atomic.yaml is not a module | An agent is an export of a module, such as ./agents.ts#classify; what it reads is named apart from it.',
        `atomic.yaml:9:6: Cannot load an agent from "./boom.ts#": nothing stands after the "#" | Leave out the "#" when the module has a default export or only one agent.`,
        'atomic.yaml:11:17: Cannot load an agent from "./nope.ts": there is no file <project>/nope.ts | The path is taken relative to <project>.',
        'atomic.yaml:13:27: Cannot load a resource from "./nope.ts#r": there is no file <project>/nope.ts | The path is taken relative to <project>.',
      ],
    ],
    [
      "one name for two",
      "agents: { a: summarize }\npipelines:\n  a: { stages: [summarize] }\n",
      ['atomic.yaml:3:3: "a" is the name of an agent and of a pipeline | Rename one of them.'],
    ],
    [
      "pipelines that use each other",
      "pipelines:\n  a: { stages: [b] }\n  b:\n    stages:\n      - summarize\n      - { agent: c }\n  c: { stages: [b] }\n  d: { stages: [d] }\n",
      [
        'atomic.yaml:6:18: Pipeline "b" uses itself: b → c → b | Take one of these stages out; what repeats is a loop of the core, in a module.',
        'atomic.yaml:8:17: Pipeline "d" uses itself: d → d | Take one of these stages out; what repeats is a loop of the core, in a module.',
      ],
    ],
    [
      "stages with one id",
      "pipelines:\n  a:\n    stages:\n      - summarize\n      - { agent: clean-text, id: summarize }\n      - { agent: x, id: y }\n      - { agent: clean-text, id: y }\n      - summarize\nagents: { x: summarize }\n",
      [
        'atomic.yaml:5:34: Two stages have the id "summarize"; the first is on line 4 | Give this one an id of its own: { agent: clean-text, id: summarize-2 }.',
        'atomic.yaml:7:34: Two stages have the id "y"; the first is on line 6 | Give this one an id of its own: { agent: clean-text, id: y-2 }.',
        'atomic.yaml:8:9: Two stages have the id "summarize"; the first is on line 4 | Give this one an id of its own: { agent: summarize, id: summarize-2 }.',
      ],
    ],
    [
      "resources that lead elsewhere",
      `resources:
  a: { type: sqlite, file: ../a.db }
  b: { type: sqlite, file: /tmp/b.db }
  c: { type: sqlite, file: out/c.db }
  d: { type: http, url: example.com }
  e: { type: http, url: ftp://example.com }
  f: { type: http, url: "https://me:secret@example.com" }
  g: { type: sqlite, file: dangling.db }
settings:
  runs: { path: ../runs }
  inputFolders: [/no/such/folder, .]
`,
      [
        'atomic.yaml:2:28: The output "../a.db" lies outside of the project | Flows write within the project only; copy or link to it from there.',
        'atomic.yaml:3:28: The output "/tmp/b.db" lies outside of the project | Flows write within the project only; copy or link to it from there.',
        'atomic.yaml:4:28: The output "out/c.db" leads by a link to ELSEWHERE/c.db, which is outside of the project | Flows write within the project only; copy or link to it from there.',
        'atomic.yaml:5:25: "example.com" is no address | Write it whole, such as https://example.com/api.',
        "atomic.yaml:6:25: The address begins with ftp: | Only http: and https: are taken.",
        "atomic.yaml:7:25: The address holds a user or password | Put it into a header: authorization: { env: NAME }.",
        'atomic.yaml:8:28: The output "dangling.db" leads by a link to ELSEWHERE/not-yet.db, which is outside of the project | Flows write within the project only; copy or link to it from there.',
        'atomic.yaml:10:17: The output "../runs" lies outside of the project | Flows write within the project only; copy or link to it from there.',
        '(warning) atomic.yaml:11:18: There is no folder "/no/such/folder"',
      ],
    ],
    [
      "flows that are not there",
      "flows:\n  a: flows/a.flow.yaml\n  b: ../b.flow.yaml\n  c: boom.ts\n",
      [
        'atomic.yaml:2:6: There is no flow file "flows/a.flow.yaml" | Paths are relative to the project\'s folder.',
        'atomic.yaml:3:6: The flow "../b.flow.yaml" lies outside of the project | Copy it into the project.',
        'atomic.yaml:4:6: The flow file "boom.ts" is neither YAML nor JSON by its name | Its name ends in .yaml, .yml or .json.',
      ],
    ],
    [
      "secrets that are not set, and texts that are not filled in",
      `agents:
  a: { use: ./boom.ts, config: { list: [{ env: NO_KEY }], text: "\${HOME}/x", other: { env: "no name" } } }
resources:
  b: { type: http, url: { env: EMPTY }, headers: { token: { secretFile: missing.txt }, x: "Bearer \${TOKEN}" } }
  c: { type: http, url: { env: SET }, headers: { token: { secretFile: boom.ts }, y: { secretFile: . } } }
`,
      [
        "(warning) atomic.yaml:2:41: The environment variable NO_KEY is not set | Set it before the command: NO_KEY=… atomic …",
        "atomic.yaml:2:65: Nothing is filled in for ${HOME}: project files hold no templates | Write { env: HOME } in place of the whole text.",
        "(warning) atomic.yaml:4:25: The environment variable EMPTY is empty | Set it before the command: EMPTY=… atomic …",
        '(warning) atomic.yaml:4:59: The secret file "missing.txt" cannot be used: it is not there | It holds the secret and nothing else, and is readable by whoever runs the command.',
        "atomic.yaml:4:91: Nothing is filled in for ${TOKEN}: project files hold no templates | Write { env: TOKEN } in place of the whole text.",
        '(warning) atomic.yaml:5:85: The secret file "." cannot be used: it is no ordinary file | It holds the secret and nothing else, and is readable by whoever runs the command.',
      ],
    ],
  ])("%s", async (_what, yaml, problems) => {
    const directory = folderWith({ "atomic.yaml": yaml, ...boom });
    writeFileSync(join(elsewhere, "outside.ts"), "");
    symlinkSync(join(elsewhere, "outside.ts"), join(directory, "link.ts"));
    symlinkSync(elsewhere, join(directory, "out"));
    symlinkSync(join(elsewhere, "not-yet.db"), join(directory, "dangling.db"));
    const environment = { EMPTY: "", SET: "https://example.com" };
    const project = await openProject({ directory, environment });
    expect(
      project.problems.map((problem) => tellingOf(problem, directory).replaceAll(elsewhere, "ELSEWHERE")),
    ).toEqual(problems.map((problem) => problem.replaceAll(elsewhere, "ELSEWHERE")));
  });

  test("each entry has its own problems, and what is right can be used", async () => {
    const project = await open(
      "agents:\n  good: ./a.ts#upper\n  bad: ./b.ts\n  worse: { us: x }\npipelines:\n  p: { stages: [good, bad] }\n  q: { stages: [good, { agent: good, id: again }] }\n",
      { "a.ts": upper },
    );
    const problemsOf = (entries: ReadonlyMap<string, { readonly problems: readonly unknown[] }>) =>
      [...entries].map(([name, { problems }]) => `${name}: ${problems.length}`);
    expect(problemsOf(project.agents)).toEqual(["good: 0", "bad: 1", "worse: 1"]);
    expect(problemsOf(project.pipelines)).toEqual(["p: 0", "q: 0"]);
    expect(project.agents.get("worse")).toMatchObject({
      use: "",
      isBuiltIn: false,
      position: { line: 4, column: 3 },
    });
    expect(await untyped(await project.agent("q")).run({ text: "a" })).toEqual({ text: "A" });
    for (const name of ["bad", "worse", "p"]) {
      expect(ProjectError.isProjectError(await refusal(() => project.agent(name)))).toBe(true);
    }
    expect((await refusal(() => project.agent("p"))).message).toContain(
      "atomic.yaml:3:8: Cannot load an agent",
    );
  });

  test("of a file that cannot be read everything is refused with why", async () => {
    const project = await open("agents: [\n");
    expect(project.agents.size).toBe(0);
    const message = 'atomic.yaml:2:1: A "]" is missing before this place';
    expect((await refusal(() => project.agent("clean"))).message).toBe(message);
    expect((await refusal(() => project.resource("db"))).message).toBe(message);
    // What is no part of the file is there.
    expect((await project.agent("summarize")).name).toBe("summarize");
  });
});

describe("agents", () => {
  const yaml = `
agents:
  up: ./a.ts#upper
  sum: { use: summarize, description: Sums up., config: { maxSentences: 1 } }
  plain: summarize
  sized: { use: ./b.ts#make, config: { size: 2, key: { env: KEY }, list: [1, { secretFile: key.txt }] } }
pipelines:
  twice: { description: Twice., version: 2.0.0, stages: [up, { agent: up, id: again, timeoutMs: 1000, retry: { attempts: 2 } }] }
  nested: { stages: [twice, ./c.ts] }
`;
  const files = {
    "a.ts": upper,
    "b.ts": `${imports}export const make = (config) => defineAgent({
      name: "sized", description: "Gives its config.", input: z.object({}), output: z.unknown(),
      execute: () => ({ size: config.size, key: String(config.key), real: config.key.reveal() + config.list[1].reveal() }),
    });`,
    "c.ts": length,
    "key.txt": "from a file\n",
  };

  test("are loaded and configured, each once", async () => {
    const project = await open(yaml, files, { environment: { KEY: "from the environment" } });
    expect(project.problems).toEqual([]);
    const up = await project.agent("up");
    expect(await project.agent("up")).toBe(up);
    expect(await untyped(up).run({ text: "a" })).toEqual({ text: "A" });
    const [one, two] = await Promise.all([project.agent("nested"), project.agent("nested")]);
    expect(one).toBe(two);
    expect(await untyped(one).run({ text: "abc" })).toEqual({ length: 3 });
    expect(await untyped(await project.agent("sized")).run({})).toEqual({
      size: 2,
      key: "[secret KEY]",
      real: "from the environmentfrom a file",
    });
    expect(await project.agent("./a.ts#upper")).toBe(up);
  });

  test("are described in the project", async () => {
    const project = await open(yaml, files, { environment: { KEY: "x" } });
    expect(project.agents.get("sum")).toMatchObject({
      name: "sum",
      use: "summarize",
      isBuiltIn: true,
      description: "Sums up.",
      config: { maxSentences: 1 },
      position: { line: 4, column: 3 },
    });
    expect(project.pipelines.get("twice")).toMatchObject({
      description: "Twice.",
      version: "2.0.0",
      stages: [
        { id: "up", agent: "up", position: { line: 8 } },
        { id: "again", agent: "up", policy: { timeoutMs: 1_000, retry: { attempts: 2 } } },
      ],
    });
    expect(describeAgent(await project.agent("twice"))).toMatchObject({
      name: "twice",
      version: "2.0.0",
      description: "Twice.",
    });
  });

  test("a built-in agent takes values for its input", async () => {
    const project = await open(yaml, files, { environment: { KEY: "x" } });
    const content = "Bees make honey. It rained. Honey from bees keeps for years.";
    const sum: AnyAgent = await project.agent("sum");
    expect(sum.name).toBe("summarize");
    expect(await untyped(sum).run({ content })).toMatchObject({ summary: "Bees make honey." });
    const more = await untyped(sum).run({ content, maxSentences: 2 });
    expect(more).toMatchObject({ sentences: { length: 2 } });
    expect(await untyped(await project.agent("plain")).run({ content, maxSentences: 2 })).toEqual(more);
    expect(describeAgent(sum).input).not.toMatchObject({
      required: expect.arrayContaining(["maxSentences"]),
    });
  });

  test.each<[string, string, Readonly<Record<string, string>>, string]>([
    [
      "a key that the input of a built-in agent has not",
      "agents:\n  a: { use: summarize, config: { maxSentence: 1 } }\n",
      {},
      'atomic.yaml:2:32: The built-in agent "summarize" has no "maxSentence" in its input',
    ],
    [
      "a value that a built-in agent does not take",
      "agents:\n  a: { use: summarize, config: { maxSentences: 0 } }\n",
      {},
      'atomic.yaml:2:32: The built-in agent "summarize" takes at least 1 as "maxSentences", not number 0',
    ],
    [
      "a module that throws",
      "agents:\n  a: ./x.ts\n",
      { "x.ts": "throw new Error('boom');" },
      'atomic.yaml:2:6: Cannot load an agent from "./x.ts": it threw while it was imported: boom (<project>/x.ts:1:7)',
    ],
    [
      "no such export",
      "agents:\n  a: ./x.ts#uper\n",
      { "x.ts": upper },
      'atomic.yaml:2:6: Cannot load an agent from "./x.ts#uper": it has no export "uper"; it exports upper',
    ],
    [
      "no agent",
      "agents:\n  a: ./x.ts#n\n",
      { "x.ts": "export const n = 1;" },
      'atomic.yaml:2:6: Cannot load an agent from "./x.ts#n": its export "n" is no agent but a number',
    ],
    [
      "a config for what takes none",
      "agents:\n  a: { use: ./x.ts#upper, config: {} }\n",
      { "x.ts": upper },
      "atomic.yaml:2:35: ./x.ts#upper is an object, and takes no config",
    ],
    [
      "a function that gives no agent",
      "agents:\n  a: { use: ./x.ts#f, config: {} }\n",
      { "x.ts": "export const f = () => 1;" },
      "atomic.yaml:2:31: The function ./x.ts#f gave no agent but a number",
    ],
    [
      "a function that throws what it was told",
      "agents:\n  a: { use: ./x.ts#f, config: { key: { env: KEY } } }\n",
      { "x.ts": "export const f = ({ key }) => { throw new Error('bad key ' + key.reveal()); };" },
      "atomic.yaml:2:31: ./x.ts#f failed with this config: bad key [secret KEY]",
    ],
    [
      "a secret that is not set",
      "agents:\n  a: { use: ./x.ts#f, config: { key: { env: NONE } } }\n",
      { "x.ts": "export const f = () => 1;" },
      "atomic.yaml:2:38: The environment variable NONE is not set",
    ],
    [
      "an agent in a pipeline",
      "pipelines:\n  a: { stages: [./x.ts] }\n",
      { "x.ts": "export const n = 1;" },
      'atomic.yaml:2:17: Cannot load an agent from "./x.ts": it exports no agent; it exports n',
    ],
    [
      "stages that do not fit",
      "pipelines:\n  a:\n    stages:\n      - ./l.ts\n      - ./x.ts\n",
      { "x.ts": upper, "l.ts": length },
      'atomic.yaml:5:9: The agent "./x.ts" takes none of these records: text: expected string, got nothing',
    ],
  ])("refused: %s", async (_what, text, more, message) => {
    const project = await open(text, more, { environment: { KEY: "the very secret key" } });
    const error = await refusal(() => project.agent("a"));
    expect(error.message.replaceAll(project.directory, "<project>")).toBe(message);
    expect(JSON.stringify(error)).not.toContain("the very secret key");
  });

  test("there is none of the name", async () => {
    const project = await open(yaml, files, { environment: { KEY: "x" } });
    const near = await refusal(() => project.agent("twise"));
    expect([near.message, near.hint]).toEqual([
      'There is no agent or pipeline "twise"',
      'Did you mean "twice"?',
    ]);
    expect((await refusal(() => project.agent("zzzzzzzz"))).hint).toContain("Name one of the project");
  });

  test("what failed is tried anew", async () => {
    const project = await open("agents:\n  a: ./late.ts\n");
    await refusal(() => project.agent("a"));
    const stopped = AbortSignal.abort();
    const other = await open(yaml, files, { environment: { KEY: "x" } });
    expect((await refusal(() => other.agent("up", { signal: stopped }))).code).toBe("CANCELLED");
    expect((await other.agent("up")).name).toBe("upper");
  });
});

describe("flows", () => {
  test("are those that are listed, in the folder flows and in the root", async () => {
    const flow = "source: a\nsink: b\n";
    const directory = folderWith({
      "atomic.yaml": "flows:\n  listed: etl/some.yaml\n  again: flows/deep/er/b.flow.yaml\n",
      "etl/some.yaml": flow,
      "etl/hidden.flow.yaml": flow,
      "flows/deep/er/b.flow.yaml": flow,
      "flows/c.flow.yml": flow,
      "flows/d.flow.json": "{}",
      "flows/notes.yaml": "",
      "flows/node_modules/x.flow.yaml": flow,
      "flows/.hidden/x.flow.yaml": flow,
      "root.flow.yaml": flow,
    });
    writeFileSync(join(elsewhere, "x.flow.yaml"), flow);
    symlinkSync(join(elsewhere, "x.flow.yaml"), join(directory, "x.flow.yaml"));
    const project = await openProject({ directory });
    expect([...project.flows.values()].map(({ name, file }) => `${name}: ${file}`)).toEqual([
      "listed: etl/some.yaml",
      "again: flows/deep/er/b.flow.yaml",
      "c: flows/c.flow.yml",
      "d: flows/d.flow.json",
      "root: root.flow.yaml",
    ]);
    expect(project.problems).toEqual([]);
    expect(project.flows.get("root")).toMatchObject({
      path: join(directory, "root.flow.yaml"),
      position: undefined,
    });
    expect(project.flows.get("listed")?.position).toEqual({ line: 2, column: 3 });
  });

  test("two of one name", async () => {
    const flow = "source: a\nsink: b\n";
    const files = {
      "a.flow.yaml": flow,
      "flows/a.flow.yaml": flow,
      "other.flow.yaml": flow,
      "flows/x.yaml": flow,
    };
    expect(await told("flows: { other: flows/x.yaml }\n", files)).toEqual([
      '(warning) atomic.yaml:1:10: The flow "other" is this one, not the one that was found in other.flow.yaml | Give this one another name, or list the other as well.',
      'flows/a.flow.yaml:1:1: The flow "a" is in a.flow.yaml already | Rename one of them, or list both under flows in atomic.yaml.',
    ]);
  });
});

describe("secret", () => {
  test("is a text, or what a variable or file holds", async () => {
    const project = await open("name: a\n", { "key.txt": "a key\r\n" }, { environment: { KEY: "variable" } });
    const { document } = project;
    if (document === undefined) throw new Error("unreachable: there is a file");
    const place = { document, path: ["name"] };
    expect(await project.secret("plain", place)).toBe("plain");
    const variable = await project.secret({ env: "KEY" }, place);
    const file = await project.secret({ secretFile: "key.txt" }, place);
    expect([String(variable), String(file)]).toEqual(["[secret KEY]", "[secret key.txt]"]);
    if (!(variable instanceof Secret) || !(file instanceof Secret)) throw new Error("They are no secrets.");
    expect([variable.reveal(), file.reveal()]).toEqual(["variable", "a key"]);
    expect((await refusal(() => project.secret({ env: "NONE" }, place))).message).toBe(
      "atomic.yaml:1:7: The environment variable NONE is not set",
    );
    expect((await refusal(() => project.secret("x ${KEY}", place))).message).toContain(
      "Nothing is filled in for ${KEY}",
    );
  });
});

test("pathOf", async () => {
  const directory = folderWith({
    "atomic.yaml": `settings: { inputFolders: [${elsewhere}] }\n`,
    "data/a.txt": "",
  });
  symlinkSync("data", join(directory, "inner"));
  symlinkSync("loop", join(directory, "loop"));
  const project = await openProject({ directory });
  expect(project.pathOf("data/a.txt", "output")).toBe(join(directory, "data/a.txt"));
  expect(project.pathOf("./new/b.txt", "output")).toBe(join(directory, "new/b.txt"));
  expect(project.pathOf("inner/a.txt", "schema")).toBe(join(directory, "data/a.txt"));
  expect(project.pathOf("data/../c.txt", "output")).toBe(join(directory, "c.txt"));
  expect(project.pathOf(join(elsewhere, "a/b.txt"), "input")).toBe(join(elsewhere, "a/b.txt"));
  for (const [path, use] of [
    ["../x", "output"],
    ["../x", "input"],
    [join(elsewhere, "a"), "output"],
    [`${elsewhere}/../x`, "input"],
    ["loop/x", "output"],
    ["a\0b", "input"],
    ["", "schema"],
    ["\\\\server\\share", "output"],
    ["C:\\Windows", "output"],
  ] as const) {
    expect(() => project.pathOf(path, use)).toThrow(AtomicError);
  }
});

test("whatever the file holds, a project is opened, and says what is wrong", async () => {
  const key = fc.constantFrom(
    "agents",
    "pipelines",
    "resources",
    "flows",
    "settings",
    "profiles",
    "name",
    "p",
    "a",
  );
  const inner = fc.constantFrom(
    "a",
    "b",
    "use",
    "config",
    "stages",
    "agent",
    "id",
    "type",
    "file",
    "url",
    "headers",
    "env",
    "runs",
    "path",
  );
  const value = fc.constantFrom<unknown>(
    "a",
    "summarize",
    "./a.ts",
    "../x",
    "sqlite",
    "http",
    "module",
    "\0",
    "",
    1,
    true,
    null,
    "${A}",
    "http://[",
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      value,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(inner, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const sections = fc.dictionary(key, fc.dictionary(inner, tree, { maxKeys: 3, noNullPrototype: true }), {
    noNullPrototype: true,
  });
  const directory = folderWith({});
  await fc.assert(
    fc.asyncProperty(sections, fc.option(inner, { nil: undefined }), async (content, profile) => {
      writeFileSync(join(directory, "atomic.json"), JSON.stringify(content));
      const isThere = profile !== undefined && Object.hasOwn(content["profiles"] ?? {}, profile);
      const project = await openProject({ directory, environment: {}, ...(isThere && { profile }) });
      for (const { line, message } of project.problems)
        expect([line, message]).toEqual([1, expect.any(String)]);
      for (const { problems, use } of project.agents.values()) {
        if (use === "") expect(problems.length).toBeGreaterThan(0);
      }
    }),
  );
});
