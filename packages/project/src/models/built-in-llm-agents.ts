import { fromJsonSchema } from "@atomic-agents/contracts/json-schema";
import type { AnySchema, JsonSchema } from "@atomic-agents/contracts";
import { type AnyAgent, AtomicError } from "@atomic-agents/core";
import { linearRegExp } from "../expressions/linear-reg-exp.ts";
import { readDocument } from "../files/read-document.ts";
import { ProjectError } from "../files/project-error.ts";
import { projectPath } from "../project/project-paths.ts";
import { isObject } from "../schemas/show.ts";
import { defaultModel } from "./project-models.ts";

/** The built-in agents that ask a language model. The last two are made of a config: they have none of their own. */
export const llmAgentNames = ["task-processor", "content-analyzer", "classifier", "extractor"] as const;
type LlmAgentName = (typeof llmAgentNames)[number];

/** Says whether a built-in agent asks a language model. */
export function isLlmAgentName(name: string): name is LlmAgentName {
  return llmAgentNames.some((known) => known === name);
}

/** What a project file may say of such an agent; all else of it is code. */
const configKeys = [
  "model",
  "description",
  "instructions",
  "systemRole",
  "settings",
  "reask",
  "calls",
  "stream",
  "maxContextTokens",
] as const;

/** Those that need no config, under their own names. */
export function plainLlmAgents(): Promise<readonly AnyAgent[]> {
  return Promise.all(
    (["content-analyzer", "task-processor"] as const).map((use) => makeLlmAgent(use, { name: use })),
  );
}

/** An agent that is built in, and that a project has to tell something before there is one. */
export interface ConfiguredAgent {
  readonly name: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  /** As it stands in a project's file. */
  readonly example: string;
}

/** Those that need a config. */
export async function configuredLlmAgents(): Promise<readonly ConfiguredAgent[]> {
  const { defineClassifier, defineExtractor } = await import("@atomic-agents/llm/ready");
  const model = defaultModel;
  const exampleOf = (name: string, use: LlmAgentName): string =>
    `${name}:\n  use: ${use}\n  config: { ${examples[use]} }`;
  return [
    {
      name: "classifier",
      description: "Says which of some labels fits a text. The project says what the labels are.",
      capabilities: defineClassifier({ model, labels: ["one", "other"] }).capabilities,
      example: exampleOf("kind", "classifier"),
    },
    {
      name: "extractor",
      description: "Takes out of a text what a schema describes. The project says which schema.",
      capabilities: defineExtractor({ model, schema: fromJsonSchema({ type: "object" }) }).capabilities,
      example: exampleOf("invoice", "extractor"),
    },
  ];
}

/** How such an agent is made. */
export interface LlmAgentParts {
  /** What it is called: sessions are told apart by it. */
  readonly name: string;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Where the paths of schemas begin. */
  readonly directory?: string | undefined;
}

/** Makes one. @throws AtomicError `CONFIG` for a wrong config; ProjectError for what is wrong in a file of a schema */
export async function makeLlmAgent(
  use: LlmAgentName,
  { name, config = {}, directory }: LlmAgentParts,
): Promise<AnyAgent> {
  const { defineClassifier, defineContentAnalyzer, defineExtractor, defineTaskProcessor } = await import(
    "@atomic-agents/llm/ready"
  );
  const { model = defaultModel, labels, schema, ...others } = config;
  const own = ownKeys[use];
  const keys: readonly string[] = [...configKeys, ...own];
  for (const key of Object.keys(config)) {
    if (!keys.includes(key)) throw wrongConfig(use, key, `one of ${keys.join(", ")}`, key, undefined);
  }
  const needed = own.find((key) => config[key] === undefined);
  if (needed !== undefined) {
    const hint = `Name it under agents in atomic.yaml: ${name === use ? "kind" : name}: { use: ${use}, config: { ${examples[use]} } }.`;
    throw wrongConfig(use, needed, "told", "nothing", hint);
  }
  // Each checks what it is given.
  const options = { ...others, name, model } as { readonly name: string; readonly model: string };
  switch (use) {
    case "task-processor":
      return defineTaskProcessor(options);
    case "content-analyzer":
      return defineContentAnalyzer(options);
    case "classifier":
      return defineClassifier({ ...options, labels: labels as readonly string[] });
    case "extractor":
      return defineExtractor({ ...options, schema: await schemaOf(schema, directory) });
  }
}

const ownKeys: Readonly<Record<LlmAgentName, readonly string[]>> = {
  "task-processor": [],
  "content-analyzer": [],
  classifier: ["labels"],
  extractor: ["schema"],
};

const examples: Readonly<Record<LlmAgentName, string>> = {
  "task-processor": "model: simulated",
  "content-analyzer": "model: simulated",
  classifier: "labels: [bug, question]",
  extractor: "schema: ./invoice.schema.json",
};

/** A JSON Schema, as it stands in the project's file or in a file of its own. */
async function schemaOf(given: unknown, directory: string | undefined): Promise<AnySchema> {
  if (isObject(given)) return fromJsonSchema(given as JsonSchema, { compile: "now", regExp: linearRegExp });
  if (typeof given !== "string" || directory === undefined) {
    throw wrongConfig("extractor", "schema", "a JSON Schema, or the path of one", String(given), undefined);
  }
  const file = projectPath(given, "schema", { directory, inputFolders: [] });
  const { document, problems } = await readDocument(file, { directory });
  if (document === undefined || !isObject(document.value)) {
    if (problems.length > 0) throw new ProjectError(problems);
    throw wrongConfig("extractor", "schema", "the path of a JSON Schema", given, undefined);
  }
  return fromJsonSchema(document.value as JsonSchema, { compile: "now", regExp: linearRegExp });
}

function wrongConfig(
  use: string,
  key: string,
  expected: string,
  got: string,
  hint: string | undefined,
): AtomicError<"CONFIG"> {
  const said =
    expected === "told" ? `has to be told its ${key}` : `takes ${expected}, not ${JSON.stringify(got)}`;
  return new AtomicError("CONFIG", `The built-in agent ${JSON.stringify(use)} ${said}`, {
    details: { path: `config.${key}`, expected, got },
    hint,
  });
}
