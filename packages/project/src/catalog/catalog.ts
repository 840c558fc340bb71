import type { JsonSchema } from "@atomic-agents/contracts";
import type { AnyAgent } from "@atomic-agents/core";
import { loadBuiltInAgents } from "../built-in-agents.ts";
import { type ConfiguredAgent, configuredLlmAgents } from "../models/built-in-llm-agents.ts";
import { loadSchema, resolveSchema } from "../schemas/schema.ts";
import { needsOf, type ResourceNeeds } from "./capabilities.ts";
import { stageNotes } from "./stage-notes.ts";

/** Something that is built in, and what it is good for. */
interface CatalogEntryBase {
  readonly name: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  readonly needs: ResourceNeeds;
}

/** An agent that is built in. */
export interface CatalogAgent extends CatalogEntryBase {
  readonly kind: "agent";
  readonly agent: AnyAgent;
}

/** A kind of stage of flow files that is no agent. */
export interface CatalogStage extends CatalogEntryBase {
  readonly kind: "stage";
  /** What may stand in such a stage. */
  readonly options: JsonSchema;
  /** A stage as it stands in a flow file. */
  readonly example: string | undefined;
}

/** An agent that is built in, and that there is when a project has said what it needs to know. */
export interface CatalogConfiguredAgent extends CatalogEntryBase {
  readonly kind: "configured-agent";
  /** As it stands under `agents` of a project's file. */
  readonly example: string;
}

export type CatalogEntry = CatalogAgent | CatalogConfiguredAgent | CatalogStage;

/** All that is built in: the kinds of stages in the order of the published schema, then the agents by their names. */
export async function loadCatalog(): Promise<readonly CatalogEntry[]> {
  const [agents, configured] = await Promise.all([loadBuiltInAgents(), configuredLlmAgents()]);
  const all = [...agents.map(ofAgent), ...configured.map(ofConfigured)];
  return [...catalogStages(), ...all.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

function ofConfigured(agent: ConfiguredAgent): CatalogConfiguredAgent {
  return { kind: "configured-agent", ...agent, needs: needsOf(agent.capabilities) };
}

function ofAgent(agent: AnyAgent): CatalogAgent {
  const { name, description, capabilities } = agent;
  return { kind: "agent", name, description, capabilities, needs: needsOf(capabilities), agent };
}

/** Of what the published schema says, so that no kind of stage is forgotten. */
function catalogStages(): readonly CatalogStage[] {
  const document = loadSchema("flow");
  const { anyOf = [] } = document.definitions["stage"] ?? {};
  return anyOf.flatMap((option): readonly CatalogStage[] => {
    const { description = "", required: [name] = [] } = resolveSchema(document, option);
    if (name === undefined || name === "agent") return [];
    const { capabilities = ["stream-processing"], example } = stageNotes[name] ?? {};
    const options = withDefinitions(option, document.definitions);
    return [
      { kind: "stage", name, description, capabilities, needs: needsOf(capabilities), options, example },
    ];
  });
}

/** A schema that stands by itself, with its definitions where JSON Schema has them today. */
function withDefinitions(schema: unknown, definitions: unknown): JsonSchema {
  const text = JSON.stringify({ ...(schema as object), $defs: definitions });
  // Of this package, and tested: the schema is one with any names of its references.
  return JSON.parse(text.replaceAll('"#/definitions/', '"#/$defs/')) as JsonSchema;
}
