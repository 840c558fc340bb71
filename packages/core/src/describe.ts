import { type JsonProblem, type JsonSchema, jsonProblems, toJsonSchema } from "@atomic-agents/contracts";
import { type AgentKind, type AnyAgent, isAgent } from "./agent.ts";
import { configError } from "./errors/config-error.ts";

/** An agent's interface as data. */
export interface AgentDescription {
  readonly name: string;
  readonly version: string;
  readonly kind: AgentKind;
  readonly description: string;
  readonly capabilities: readonly string[];
  /** JSON Schema 2020-12 of what a caller gives; undefined when that is not JSON. */
  readonly input: JsonSchema | undefined;
  /** JSON Schema 2020-12 of what a caller receives; undefined when that is not JSON. */
  readonly output: JsonSchema | undefined;
  /** Why the contract cannot go over a wire; empty when it can. */
  readonly notJson: readonly (JsonProblem & { readonly side: "input" | "output" })[];
  /** The agents that it is composed of, by the names of their places. */
  readonly parts: readonly AgentPart[];
}

/** An agent within a composed one. */
export interface AgentPart {
  readonly id: string;
  readonly name: string;
  readonly kind: AgentKind;
  readonly parts: readonly AgentPart[];
}

/**
 * Describes an agent's interface. Does not throw for a contract that is not JSON: `notJson` says why it is not.
 *
 * @example
 * ```ts
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const { kind, input, output } = describe(countWords);
 * console.log(kind, input?.type, output?.type); // => agent string number
 * ```
 */
export function describe(agent: AnyAgent): AgentDescription {
  if (!isAgent(agent)) throw configError("describe", "its argument", "an agent", agent);
  const notJson = (["input", "output"] as const).flatMap((side) =>
    jsonProblems(agent[side], side).map((problem) => ({ ...problem, side })),
  );
  const schemaOf = (side: "input" | "output"): JsonSchema | undefined =>
    notJson.some((problem) => problem.side === side) ? undefined : toJsonSchema(agent[side], side);
  return {
    name: agent.name,
    version: agent.version,
    kind: agent["~atomic"].kind,
    description: agent.description,
    capabilities: agent.capabilities,
    input: schemaOf("input"),
    output: schemaOf("output"),
    notJson,
    parts: partsOf(agent),
  };
}

function partsOf(agent: AnyAgent): readonly AgentPart[] {
  // One that only looks like an agent says nothing of its parts.
  if (!isAgent(agent)) return [];
  return [...agent["~atomic"].parts()].map(([id, part]) => ({
    id,
    name: part.name,
    kind: isAgent(part) ? part["~atomic"].kind : "agent",
    parts: partsOf(part),
  }));
}
