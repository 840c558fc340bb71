import { type AnyAgent, describe } from "@atomic-agents/core";
import {
  type AgentEntry,
  type FlowEntry,
  loadFlow,
  needsOf,
  type PipelineEntry,
  type Project,
  type ResourceNeeds,
} from "@atomic-agents/project";
import type { Listed } from "./listed.ts";

/** How to look. */
export interface LookOptions {
  /** For importing one module. */
  readonly timeoutMs: number;
  /** Ends the looking: what has not been looked at by then counts as broken. */
  readonly signal: AbortSignal;
}

/** What has been found out about one thing of a project, before its runs are known. */
export interface Look {
  readonly found: Omit<Listed, "state" | "lastRun">;
  /** The names under which its runs are kept. */
  readonly runNames: readonly string[];
  /** The names of what it uses. */
  readonly uses: readonly string[];
}

/** Things to look at, the agents of a project first, then its pipelines and flows. A look never rejects. */
export function looksAt(project: Project, options: LookOptions): readonly (() => Promise<Look>)[] {
  return [
    ...[...project.agents.values()].map((entry) => () => lookAtAgent(project, entry, options)),
    ...[...project.pipelines.values()].map((entry) => () => lookAtPipeline(project, entry, options)),
    ...[...project.flows.values()].map((entry) => () => lookAtFlow(project, entry, options)),
  ];
}

async function lookAtAgent(project: Project, entry: AgentEntry, options: LookOptions): Promise<Look> {
  const { name, use } = entry;
  const about = {
    kind: "agent",
    name,
    from: use,
    ...modelOf(entry.config),
  } as const;
  try {
    const agent = await project.agent(name, options);
    return {
      found: { ...about, ...ofAgent(agent, entry.needs), ...describedBy(entry) },
      runNames: [name, agent.name],
      uses: [],
    };
  } catch (error) {
    return {
      found: { ...about, type: "agent", ...describedBy(entry), ...faultOf(error, options) },
      runNames: [name],
      uses: [],
    };
  }
}

async function lookAtPipeline(project: Project, entry: PipelineEntry, options: LookOptions): Promise<Look> {
  const { name, stages } = entry;
  const about = {
    kind: "pipeline",
    name,
    from: project.file ?? "",
  } as const;
  const uses = stages.map(({ agent }) => agent);
  try {
    const agent = await project.agent(name, options);
    return { found: { ...about, ...ofAgent(agent), ...describedBy(entry) }, runNames: [name], uses };
  } catch (error) {
    return {
      found: { ...about, type: "pipeline", ...describedBy(entry), ...faultOf(error, options) },
      runNames: [name],
      uses,
    };
  }
}

async function lookAtFlow(project: Project, entry: FlowEntry, options: LookOptions): Promise<Look> {
  const { name, file } = entry;
  const about = { kind: "flow", name, from: file, type: "flow" } as const;
  try {
    const { timeoutMs: moduleTimeoutMs, signal } = options;
    const { description, stages } = await loadFlow(project, name, { moduleTimeoutMs, signal });
    const uses = stages.flatMap(({ agent }) => (agent === undefined ? [] : [agent]));
    return { found: { ...about, ...describedBy({ description }) }, runNames: [name], uses };
  } catch (error) {
    return { found: { ...about, ...faultOf(error, options) }, runNames: [name], uses: [] };
  }
}

/** What an agent says of itself. */
export function ofAgent(agent: AnyAgent, said?: Partial<ResourceNeeds>) {
  const { version, description, capabilities } = agent;
  const needs = needsOf(capabilities, said);
  return { type: describe(agent).kind, version, description, capabilities, needs } as const;
}

/** What the project says of something goes before what that says of itself. */
function describedBy({ description }: { readonly description: string | undefined }) {
  return description === undefined ? {} : { description };
}

function modelOf(config: unknown): { readonly model?: string } {
  const isRecord = typeof config === "object" && config !== null;
  return isRecord && "model" in config && typeof config.model === "string" ? { model: config.model } : {};
}

function faultOf(
  error: unknown,
  { signal }: LookOptions,
): { readonly reason: string; readonly hint?: string } {
  if (signal.aborted) return { reason: "it was not looked at: others took too long to load" };
  if (!(error instanceof Error)) return { reason: String(error) };
  const hint = "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};
  return { reason: error.message, ...hint };
}
