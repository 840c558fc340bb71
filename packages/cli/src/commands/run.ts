import { isModuleReference, openProject, openRunStore, type Project } from "@atomic-agents/project";
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { agentInput } from "../input/agent-input.ts";
import { agentOfProject, isFlowFile } from "../input/named-agent.ts";
import { shellWord } from "../output/shell-word.ts";
import { checkModel, meteredResources } from "../runs/metered-resources.ts";
import type { Session } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";
import { checkRunAgentOptions, runAgent, type RunAgentOptions } from "./run-agent.ts";
import { runFlow, type RunFlowOptions } from "./run-flow.ts";

/** Options of `atomic run`. */
export interface RunCommandOptions extends RunAgentOptions, RunFlowOptions {
  readonly set: readonly string[];
  /** The model in the place of all. */
  readonly model?: string;
}

/** What `atomic run` was called with, besides the options. */
export interface RunCall {
  /** What the user calls the agent or flow. */
  readonly name: string;
  readonly text: string | undefined;
  /** The names of the options that were given, as `--limit`. */
  readonly given: readonly string[];
}

const ofAgents: readonly string[] = ["--set", "--format", "--trace"];
const ofFlows: readonly string[] = [
  "--limit",
  "--dry-run",
  "--fail-on-dead-letter",
  "--concurrency",
  "--dead-letters",
];

/** `atomic run`: runs a flow of the project, or an agent once. */
export async function runCommand(call: RunCall, options: RunCommandOptions, session: Session): Promise<void> {
  checkRunAgentOptions(options);
  const { config, profile } = options;
  if (options.deadLetters === "-") {
    throw new UsageError("Dead letters go to a file", {
      where: "--dead-letters",
      expected: "the path of a file",
      got: "-",
      hint: "Without --dead-letters each run has a file of its own; atomic dead-letters show last --json writes them to standard output.",
    });
  }
  const isFile = isFlowFile(call.name);
  // What can be said of the options alone is said first.
  if (isFile) checkGiven(call, "flow");
  if (isModuleReference(call.name) && !isFile) checkGiven(call, "agent");
  const project = await openProject({ config, profile });
  if (isFile || project.flows.has(call.name)) {
    checkGiven(call, "flow");
    checkPaths(call.name, options);
    await runFlow(project, call.name, options, session);
  } else {
    checkGiven(call, "agent");
    checkEnding(project, call.name);
    await runOnce(project, call, options, session);
  }
}

/** @throws UsageError for an option that means nothing to what is run */
function checkGiven({ name, text, given }: RunCall, kind: "agent" | "flow"): void {
  const wrong = given.find((option) => (kind === "flow" ? ofAgents : ofFlows).includes(option));
  if (wrong !== undefined) {
    throw new UsageError(
      `${wrong} is for ${kind === "flow" ? "agents" : "flows"}, and ${name} is ${kind === "flow" ? "a flow" : "an agent"}`,
      {
        where: wrong,
        hint: "atomic run --help says which options there are for each.",
      },
    );
  }
  if (kind === "flow" && text !== undefined) {
    throw new UsageError(`A flow takes no text: its records come from its source`, {
      where: "[text]",
      got: text,
      hint: "--input reads them from another file, or - from standard input.",
    });
  }
}

/** @throws UsageError for what cannot be the path of a file that a flow reads, or keeps its dead letters in */
function checkPaths(name: string, { input, deadLetters }: RunCommandOptions): void {
  const wrong = input === "" ? "--input" : deadLetters === "" ? "--dead-letters" : undefined;
  if (wrong !== undefined) {
    throw new UsageError(`${wrong} needs the path of a file`, {
      where: wrong,
      expected: "the path of a file",
      got: '""',
      hint: "Is a variable of the shell empty?",
    });
  }
  if (input === undefined || existsSync(input) || !isJson(input)) return;
  throw new UsageError("A flow reads its records from files, and this is JSON", {
    where: "--input",
    expected: "a path, a pattern of paths in quotes, or - for standard input",
    got: input,
    hint: `printf '%s\\n' '{…}' | atomic run ${shellWord(name)} --input -`,
  });
}

/** Whether it is an object or a list of JSON; a pattern may begin like one. */
function isJson(text: string): boolean {
  try {
    return /^\s*[{[]/.test(text) && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** @throws UsageError for the path of a flow without the ending of its file, which would be taken for a module */
function checkEnding({ flows }: Project, name: string): void {
  if (!isModuleReference(name) || name.includes("#") || existsSync(name)) return;
  const path = withoutEnding(resolve(name));
  const meant =
    [...flows.values()].find((flow) => withoutEnding(flow.path) === path) ?? flows.get(basename(path));
  if (meant === undefined) return;
  throw new UsageError(`There is no file ${JSON.stringify(name)}`, {
    expected: "a flow's name or *.flow.yaml; or an agent's name, or ./module.ts#export",
    got: name,
    hint: `Did you mean the flow ${JSON.stringify(meant.name)}?`,
  });
}

function withoutEnding(path: string): string {
  return path.replace(/\.flow(?:\.(?:ya?ml|json))?$/i, "");
}

/** Runs an agent once. */
async function runOnce(
  project: Project,
  { name, text }: RunCall,
  options: RunCommandOptions,
  session: Session,
): Promise<void> {
  const { signal } = session.interruption;
  const loading = { signal, timeoutMs: options.loadTimeout };
  const agent = await agentOfProject(project, name, loading, "flow or agent");
  const input = await agentInput(
    agent,
    { reference: name, text, input: options.input, set: options.set },
    signal,
  );
  await checkModel(project, options.model);
  const store = project.file === undefined ? undefined : openRunStore(project);
  const metered = meteredResources(project, options.model);
  try {
    await runAgent(agent, input, { ...options, reference: name, store, ...metered }, session);
  } finally {
    await metered.resources.close();
    store?.close();
  }
}
