import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelMeter } from "@atomic-agents/llm";
import { startSimulatedServer } from "@atomic-agents/llm/simulated";
import { untyped } from "@atomic-agents/core";
import { afterEach, describe, expect, it } from "vitest";
import { formatProblem } from "../files/problem.ts";
import { checkProject } from "../check/check-project.ts";
import { loadFlow } from "../flow-file/load-flow.ts";
import { openProject } from "../project/open-project.ts";

const folders: string[] = [];
const closings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(
  yaml: string,
  {
    environment = {},
    profile,
    files = {},
  }: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly profile?: string;
    readonly files?: Readonly<Record<string, string>>;
  } = {},
) {
  const directory = mkdtempSync(join(tmpdir(), "models-"));
  folders.push(directory);
  for (const [path, text] of Object.entries({ "atomic.yaml": yaml, ...files })) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return openProject({ directory, environment, profile });
}

async function told(yaml: string, environment: Readonly<Record<string, string>> = {}) {
  const { problems } = await project(yaml, { environment });
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)} | ${problem.hint ?? ""}`);
}

const classify = `
agents:
  kind: { use: classifier, config: { model: MODEL, labels: [bug, question] } }
`;

describe("the models of a project", () => {
  it("are found by aliases, endpoints and prices, with the keys of the project's environment", async () => {
    const { models } = await project(
      `
models:
  aliases: { small: ollama/qwen3, both: [ollama/a, openai/gpt-5-mini] }
  endpoints:
    ollama: { baseUrl: http://127.0.0.1:1/v1, supportsSchema: false }
  prices: { ollama/qwen3: { inputPerMillion: 1, outputPerMillion: 2 } }
`,
      { environment: { OPENAI_API_KEY: "key-1234567890" } },
    );
    const [small] = await models().resolve("small");
    expect(small).toMatchObject({
      id: "ollama/qwen3",
      supportsSchema: false,
      price: { outputPerMillion: 2 },
    });
    expect((await models().resolve("both")).map(({ id }) => id)).toEqual(["ollama/a", "openai/gpt-5-mini"]);
    expect((await models({ model: "small" }).resolve("anthropic/any")).map(({ id }) => id)).toEqual([
      "ollama/qwen3",
    ]);
  });

  it("say which variable a key should be in, and do not take that of the process", async () => {
    const { models } = await project("name: a");
    await expect(models().resolve("openai/gpt-5-mini")).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining("OPENAI_API_KEY") as string,
    });
  });

  it("are all the simulated one where the file, a profile or the caller says so", async () => {
    const yaml = `${classify.replace("MODEL", "openai/gpt-5-mini")}
profiles:
  offline: { models: { override: simulated } }
`;
    const offline = await project(yaml, { profile: "offline" });
    const meter = new ModelMeter();
    const input = { content: "It crashes" };
    for (const [each, model] of [
      [offline, undefined],
      [await project(yaml), "simulated/7"],
    ] as const) {
      const resources = each.createResources({ model, meter });
      const agent = untyped(await each.agent("kind"));
      expect(await agent.run(input, { resources })).toMatchObject({ reason: "Simulated reason" });
      await resources.close();
    }
    expect(meter.uses.map(({ model, calls, isSimulated }) => [model, calls, isSimulated])).toEqual([
      ["simulated", 1, true],
      ["simulated/7", 1, true],
    ]);
  });

  it("are asked for over HTTP with the key of a secret file", async () => {
    const server = await startSimulatedServer({ port: 0 });
    closings.push(() => server.close());
    const found = await project(
      `${classify.replace("MODEL", "own/m")}
models:
  endpoints:
    own: { baseUrl: "${server.url}/v1", apiKey: { secretFile: key.txt }, headers: { x-team: { env: TEAM } } }
`,
      { files: { "key.txt": "key-of-a-file-1\n" }, environment: { TEAM: "red-team" } },
    );
    const resources = found.createResources();
    expect(await untyped(await found.agent("kind")).run({ content: "x" }, { resources })).toMatchObject({
      reason: expect.stringMatching(/^Simulated/) as string,
    });
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({ authorization: "Bearer key-of-a-file-1", "x-team": "red-team" });
    await resources.close();
  });

  it("are there for agents in flows", async () => {
    const found = await project(
      `${classify.replace("MODEL", "default")}
models: { aliases: { default: simulated } }
`,
      {
        files: {
          "in.jsonl": '{"content":"It crashes"}\n',
          "a.flow.yaml": "source: in.jsonl\nstages:\n  - agent: kind\nsink: out.jsonl\n",
        },
      },
    );
    const flow = await loadFlow(found, "a");
    const { delivered } = await flow.start().summary;
    await flow.close();
    expect(delivered).toBe(1);
  });

  it("want to be told which one built-in agents ask", async () => {
    const found = await project("name: a");
    const resources = found.createResources();
    const result = await untyped(await found.agent("task-processor")).tryRun(
      { description: "x" },
      { resources },
    );
    expect(result.ok ? undefined : [result.error.code, result.error.hint]).toEqual([
      "CONFIG",
      expect.stringContaining("default: openai/gpt-5-mini"),
    ]);
  });

  it("do without the key of a server that is not asked", async () => {
    const found = await project(`
models:
  endpoints:
    own: { baseUrl: http://127.0.0.1:1/v1, apiKey: { env: OWN_KEY } }
`);
    expect((await found.models().resolve("simulated")).length).toBe(1);
    await expect(found.models().resolve("own/m")).rejects.toThrow("OWN_KEY");
  });
});

describe("what is wrong with models", () => {
  it.each([
    [
      "an id that nobody has",
      "models: { aliases: { a: opnai/gpt-5 } }",
      ['error atomic.yaml:1:25: There is no model "opnai/gpt-5" | Did you mean "openai/gpt-5"?'],
    ],
    [
      "an id without a model",
      "models: { override: openai }",
      [
        expect.stringContaining(
          'error atomic.yaml:1:21: There is no model "openai" | Models are called openai/…',
        ),
      ],
    ],
    [
      "an alias of an alias",
      "models: { aliases: { a: simulated, b: [simulated, a] } }",
      [expect.stringContaining('error atomic.yaml:1:51: There is no model "a"')],
    ],
    [
      "an endpoint without an address",
      "models: { endpoints: { own: {} } }",
      [
        'error atomic.yaml:1:24: The endpoint "own" has no baseUrl | Say where it is, such as baseUrl: http://localhost:11434/v1.',
      ],
    ],
    [
      "no address",
      "models: { endpoints: { own: { baseUrl: localhost } } }",
      [
        'error atomic.yaml:1:40: "localhost" is no address | Write it whole, such as https://example.com/api.',
      ],
    ],
    [
      "a key in the file",
      "models: { endpoints: { openai: { apiKey: sk-1 } } }",
      [expect.stringMatching(/^error atomic\.yaml:1:42: .*\{ env: NAME \}/)],
    ],
    [
      "a missing key",
      "models: { aliases: { a: openai/gpt-5 } }",
      [
        "warning atomic.yaml:1:25: The environment variable OPENAI_API_KEY is not set | Set it before the command: OPENAI_API_KEY=… atomic …",
      ],
    ],
    [
      "a missing key of a server",
      "models: { endpoints: { openai: { apiKey: { env: MINE } } }, aliases: { a: openai/a } }",
      [
        "warning atomic.yaml:1:42: The environment variable MINE is not set | Set it before the command: MINE=… atomic …",
      ],
    ],
    [
      "no missing key where another model is asked",
      "models: { aliases: { a: openai/gpt-5 }, override: simulated }",
      [],
    ],
    [
      "a model of a built-in agent",
      "agents: { a: { use: task-processor, config: { model: [simulated, grok/x] } } }",
      ['error atomic.yaml:1:66: There is no model "grok/x" | Did you mean "groq/x"?'],
    ],
  ])("%s is told with its place", async (_, yaml, expected) => {
    expect(await told(yaml)).toEqual(expected);
  });

  it("is not said of keys that are there", async () => {
    expect(await told("models: { aliases: { a: openai/gpt-5 } }", { OPENAI_API_KEY: "k" })).toEqual([]);
  });
});

describe("the check of agents", () => {
  // Within the workspace, so that modules in it find the packages.
  const scratch = join(import.meta.dirname, "../../../../out");

  it("looks for the models that modules name: an unknown one is an error, a missing key a warning", async () => {
    mkdirSync(scratch, { recursive: true });
    const directory = mkdtempSync(join(scratch, "models-"));
    folders.push(directory);
    const agent = (name: string, model: string) =>
      `export const ${name} = defineLlmAgent({ name: "${name}", description: "A.", model: "${model}", input: z.string(), output: z.string() });`;
    writeFileSync(
      join(directory, "agents.ts"),
      `import { defineLlmAgent } from "@atomic-agents/llm";
import * as z from "zod";
${agent("offline", "simulated")}
${agent("keyless", "openai/gpt-5")}
${agent("unknown", "opnai/gpt-5")}
`,
    );
    const names = ["offline", "keyless", "unknown"];
    const yaml = `agents:\n${names.map((name) => `  ${name}: ./agents.ts#${name}\n`).join("")}`;
    writeFileSync(join(directory, "atomic.yaml"), yaml);
    const problems = await checkProject(await openProject({ directory, environment: {} }));
    expect(problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`)).toEqual([
      expect.stringMatching(/^warning atomic\.yaml:3:12: .*OPENAI_API_KEY/),
      expect.stringMatching(/^error atomic\.yaml:4:12: .*"opnai\/gpt-5"/),
    ]);
  });
});

describe("built-in agents that ask a model", () => {
  it("are made of their configs, under their own names", async () => {
    const found = await project(
      `
agents:
  read:
    use: extractor
    config: { model: simulated, schema: ./bill.schema.json, settings: { temperature: 0 } }
  count:
    use: extractor
    config: { model: simulated, schema: { type: object, properties: { n: { type: integer } }, required: [n] } }
`,
      {
        files: {
          "bill.schema.json":
            '{"type":"object","properties":{"total":{"type":"number"}},"required":["total"]}',
        },
      },
    );
    const read = untyped(await found.agent("read"));
    expect(read.name).toBe("read");
    expect(await read.run({ content: "12.50" })).toMatchObject({ total: expect.any(Number) as number });
    expect(await untyped(await found.agent("count")).run({ content: "x" })).toMatchObject({
      n: expect.any(Number) as number,
    });
  });

  it.each([
    [
      "an unknown key",
      "config: { model: simulated, temprature: 1 }",
      "task-processor",
      "takes one of model,",
    ],
    [
      "a setting that is not known",
      "config: { model: simulated, settings: { temprature: 1 } }",
      "task-processor",
      "temprature",
    ],
    ["no labels", "config: { model: simulated }", "classifier", "has to be told its labels"],
    ["one label", "config: { model: simulated, labels: [a] }", "classifier", "labels"],
    ["no schema", "config: { model: simulated }", "extractor", "has to be told its schema"],
    ["a schema outside of the project", "config: { schema: ../a.json }", "extractor", "../a.json"],
    ["a schema that is none", "config: { schema: { type: nothing } }", "extractor", "faulty at #/type"],
  ])("refuse %s, with its place", async (_, config, use, message) => {
    const found = await project(`agents:\n  a:\n    use: ${use}\n    ${config}\n`);
    await expect(found.agent("a")).rejects.toThrow(message);
    await expect(found.agent("a")).rejects.toMatchObject({ problems: [{ line: 4 }] });
  });
});
