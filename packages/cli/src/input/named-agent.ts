import type { AnyAgent } from "@atomic-agents/core";
import {
  closest,
  findAgent,
  isModuleReference,
  loadBuiltInAgents,
  openProject,
  type Project,
} from "@atomic-agents/project";
import { existsSync, statSync } from "node:fs";
import { shellWord } from "../output/shell-word.ts";
import { UsageError } from "../usage-error.ts";

/** How long an agent's module may take, and what ends it before. */
export interface Loading {
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeoutMs: number | undefined;
}

/** Which project names mean. */
export interface ProjectChoice {
  readonly config?: string | undefined;
  readonly profile?: string | undefined;
}

/** Whether a name is that of a file of a flow. */
export function isFlowFile(name: string): boolean {
  return /\.flow\.(?:yaml|yml|json)$/i.test(name);
}

/**
 * Finds an agent by what a user calls it: a module, or a name of the project here or of what is built in.
 *
 * @throws UsageError for a name that means none
 */
export async function namedAgent(name: string, choice: ProjectChoice, loading: Loading): Promise<AnyAgent> {
  // A module is named from the current folder, which need not be in a project.
  if (isModuleReference(name)) return findAgent(name, loading);
  return agentOfProject(await openProject(choice), name, loading, "agent");
}

/** The same in a project that is open; `kind` is what the name could have been. @throws UsageError */
export async function agentOfProject(
  project: Project,
  name: string,
  loading: Loading,
  kind: "agent" | "flow or agent",
): Promise<AnyAgent> {
  if (isModuleReference(name)) return findAgent(name, loading);
  if (project.agents.has(name) || project.pipelines.has(name)) return project.agent(name, loading);
  const flows = kind === "agent" ? [] : [...project.flows.keys()];
  const names = [...new Set([...flows, ...project.agents.keys(), ...project.pipelines.keys()])];
  const isFlow = kind === "agent" && (project.flows.has(name) || isFlowFile(name));
  if (names.length === 0 && !isFlow) return findAgent(name, loading);
  const builtIn = await loadBuiltInAgents();
  const found = builtIn.find((agent) => agent.name === name);
  if (found !== undefined) return found;
  const near = closest(name, [...names, ...builtIn.map((agent) => agent.name)]);
  const toTry = near === undefined ? elseHint(name, kind) : `Did you mean ${JSON.stringify(near)}?`;
  throw new UsageError(`There is no ${kind} ${JSON.stringify(name)}`, {
    expected: names.length === 0 ? "a built-in agent" : `one of ${names.join(", ")}, or a built-in agent`,
    got: name,
    hint: isFlow ? `It is a flow: atomic check ${name} looks at it.` : toTry,
  });
}

/** What to try where a name is none: it may be one of a file that was meant to be read. */
function elseHint(name: string, kind: "agent" | "flow or agent"): string {
  if (kind === "agent" || !existsSync(name)) return "atomic list shows all.";
  return statSync(name).isDirectory()
    ? `${name} is a folder; atomic list shows all.`
    : `${name} is a file: name what is to be run first, and then --input ${shellWord(name)}; atomic list shows all.`;
}
