import { fit } from "@atomic-agents/contracts/fit";
import { type AgentDescription, type AgentPart, describe } from "@atomic-agents/core";
import {
  type CatalogConfiguredAgent,
  type CatalogStage,
  isModuleReference,
  loadCatalog,
  needsOf,
  openProject,
  type Project,
  type ResourceNeeds,
} from "@atomic-agents/project";
import { styleText } from "node:util";
import { namedAgent } from "../input/named-agent.ts";
import { fitJsonText, fitText } from "../output/fit-verdict.ts";
import { toJsonText } from "../output/json.ts";
import { schemaOutline } from "../output/schema-outline.ts";
import { writeOutput } from "../output/write-output.ts";
import type { Session } from "../terminal/session.ts";
import type { ProjectOptions } from "./project-options.ts";

/** Options of `atomic describe`. */
export interface DescribeOptions extends ProjectOptions {
  /** Milliseconds. */
  readonly loadTimeout?: number;
  /** The agent whose output is to be taken. */
  readonly fitsAfter?: string;
}

/**
 * `atomic describe`: what an agent takes and gives, and what it is made of; or whether it takes what another gives. Of a
 * kind of stage that is built in: what may stand in it.
 */
export async function describeCommand(
  name: string,
  options: DescribeOptions,
  session: Session,
): Promise<void> {
  const { signal } = session.interruption;
  const loading = { signal, timeoutMs: options.loadTimeout };
  const project = isModuleReference(name) ? undefined : await openProject(options);
  const stage = options.fitsAfter === undefined ? await stageNamed(name, project) : undefined;
  if (stage?.isAlone === true) {
    const { entry } = stage;
    return writeOutput(options.json === true ? toJsonText(stageJson(entry)) : stageText(entry), "-");
  }
  const configured = options.fitsAfter === undefined ? await configuredNamed(name, project) : undefined;
  if (configured !== undefined) {
    const toText = options.json === true ? configuredJson : configuredText;
    return writeOutput(toText(configured), "-");
  }
  const agent = await namedAgent(name, options, loading);
  if (options.fitsAfter !== undefined) {
    const before = await namedAgent(options.fitsAfter, options, loading);
    const verdict = fit(before.output, agent.input);
    const toText = options.json === true ? fitJsonText : fitText;
    return writeOutput(toText(agent.name, before.name, verdict), "-");
  }
  const description = describe(agent);
  const said = project?.agents.get(name)?.needs;
  const needs = needsOf(description.capabilities, said);
  // Of what says nothing of itself there is nothing to tell.
  const isTold = said !== undefined || description.capabilities.length > 0;
  const text = () => {
    const lines = descriptionText(description, isTold ? needs : undefined);
    return stage === undefined ? lines : `${lines}\n\n${stageText(stage.entry)}`;
  };
  await writeOutput(options.json === true ? toJsonText({ ...description, needs }) : text(), "-");
}

interface NamedStage {
  readonly entry: CatalogStage;
  /** Whether no agent has the name. */
  readonly isAlone: boolean;
}

/** A kind of stage that is built in, unless an agent or pipeline of the project has its name. */
async function stageNamed(name: string, project: Project | undefined): Promise<NamedStage | undefined> {
  if (project === undefined || project.agents.has(name) || project.pipelines.has(name)) return undefined;
  const catalog = await loadCatalog();
  const entry = catalog.find((each) => each.kind === "stage" && each.name === name);
  if (entry?.kind !== "stage") return undefined;
  return { entry, isAlone: !catalog.some((each) => each.kind === "agent" && each.name === name) };
}

/** A built-in agent that needs a config, unless the project has something of that name. */
async function configuredNamed(
  name: string,
  project: Project | undefined,
): Promise<CatalogConfiguredAgent | undefined> {
  if (project === undefined || project.agents.has(name) || project.pipelines.has(name)) return undefined;
  const entry = (await loadCatalog()).find((each) => each.kind === "configured-agent" && each.name === name);
  return entry?.kind === "configured-agent" ? entry : undefined;
}

function configuredJson({ name, description, capabilities, needs, example }: CatalogConfiguredAgent): string {
  return toJsonText({ kind: "configured-agent", name, description, capabilities, needs, example });
}

function configuredText({ name, description, capabilities, needs, example }: CatalogConfiguredAgent): string {
  return [
    `${title(name)} (an agent that a project configures)`,
    description,
    `Capabilities: ${capabilities.join(", ")}`,
    needsText(needs),
    "",
    title("Example"),
    "  agents:",
    ...example.split("\n").map((line) => `    ${line}`),
  ].join("\n");
}

function stageJson({ kind, name, description, capabilities, needs, options, example }: CatalogStage) {
  return { kind, name, description, capabilities, needs, options, example };
}

function stageText({ name, description, capabilities, needs, options, example }: CatalogStage): string {
  return [
    `${title(name)} (a stage of flow files)`,
    description,
    `Capabilities: ${capabilities.join(", ")}`,
    needsText(needs),
    "",
    title("Options"),
    ...schemaOutline(options).map((line) => `  ${line}`),
    ...(example === undefined
      ? []
      : ["", title("Example"), "  stages:", ...example.split("\n").map((line) => `    ${line}`)]),
  ].join("\n");
}

function title(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

function needsText({ memoryMb, cores }: ResourceNeeds): string {
  return `Needs: ${memoryMb} MB of memory, ${cores} ${cores === 1 ? "core" : "cores"} (told, not enforced)`;
}

function descriptionText(description: AgentDescription, needs: ResourceNeeds | undefined): string {
  const { name, version, kind, capabilities, parts } = description;
  return [
    `${title(name)} ${version} (${kind})`,
    description.description,
    ...(capabilities.length === 0 ? [] : [`Capabilities: ${capabilities.join(", ")}`]),
    ...(needs === undefined ? [] : [needsText(needs)]),
    "",
    title("Input"),
    ...sideLines(description, "input"),
    "",
    title("Output"),
    ...sideLines(description, "output"),
    ...(parts.length === 0 ? [] : ["", title("Made of"), ...partLines(parts, "  ")]),
  ].join("\n");
}

function sideLines(description: AgentDescription, side: "input" | "output"): readonly string[] {
  const schema = description[side];
  if (schema !== undefined) return schemaOutline(schema).map((line) => `  ${line}`);
  return description.notJson
    .filter((problem) => problem.side === side)
    .map(({ path, reason }) => `  not JSON: ${path === "" ? "it" : path}: ${reason}`);
}

function partLines(parts: readonly AgentPart[], indent: string): readonly string[] {
  return parts.flatMap(({ id, name, kind, parts: inner }) => [
    `${indent}${id === name ? id : `${id}: ${name}`}${kind === "agent" ? "" : ` (${kind})`}`,
    ...partLines(inner, `${indent}  `),
  ]);
}
