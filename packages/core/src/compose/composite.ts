import type { AnySchema } from "@atomic-agents/contracts";
import { type AgentKind, type AnyAgent, isAgent } from "../agent.ts";
import { checkName, makeAgent } from "../base-agent.ts";
import { checkCard } from "../define-agent.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys } from "../limits.ts";
import type { Step } from "../run/program.ts";
import { programOfParts } from "../run/step-of.ts";

/** What every combinator can be given. */
export interface CompositeOptions {
  /** The agent's name, which is also the id of its stage; the combinator's own name when absent. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** What it can be found by. */
  readonly capabilities?: readonly string[] | undefined;
}

/** The keys of `CompositeOptions`. */
export const compositeKeys: readonly (keyof CompositeOptions)[] = ["name", "description", "capabilities"];

/** Checks that what a combinator is set to names nothing: names are given after it. @throws AtomicError `CONFIG` */
export function checkNoCard(what: string, settings: unknown): void {
  if (typeof settings !== "object" || settings === null) return;
  for (const key of compositeKeys) {
    if (!Object.hasOwn(settings, key)) continue;
    const given: unknown = Reflect.get(settings, key);
    throw configError(
      what,
      key,
      "in the argument after this one",
      given,
      `Write (agent, { … }, { ${key}: … }).`,
    );
  }
}

interface Composite {
  /** The combinator, for error messages and as default name. */
  readonly what: string;
  readonly kind: AgentKind;
  readonly options: CompositeOptions;
  /** The options that the combinator knows besides those of all. */
  readonly optionKeys: readonly string[];
  readonly description: string;
  readonly input: AnySchema;
  readonly output: AnySchema;
  readonly parts: ReadonlyMap<string, AnyAgent>;
  /** Called once, at the first run. */
  readonly execute: () => Step["execute"];
}

/** Those whose output is made of many parts'. */
const gathering: ReadonlySet<AgentKind> = new Set<AgentKind>(["parallel", "zip", "map-items"]);

/** Makes an agent whose parts validate for themselves. */
export function makeComposite(composite: Composite): AnyAgent {
  const { what, kind, options, parts, input, output } = composite;
  checkKeys(what, options, [...compositeKeys, ...composite.optionKeys]);
  const { name = what } = options;
  checkName(what, "name", name);
  const { description = composite.description, capabilities = [] } = options;
  const card = { name, version: "1.0.0", description, capabilities, input, output };
  checkCard(`${what} "${name}"`, card);
  return makeAgent<never, unknown>(card, {
    kind,
    parts,
    program: () => programOfParts(card, composite.execute(), gathering.has(kind)),
  });
}

/** Checks the agents that a combinator is given by name. @throws AtomicError `CONFIG` */
export function checkSlots(
  what: string,
  slots: Readonly<Record<string, AnyAgent>>,
): ReadonlyMap<string, AnyAgent> {
  const isByName = typeof slots === "object" && slots !== null && !Array.isArray(slots);
  if (!isByName || isAgent(slots)) {
    throw configError(what, "agents", "an object of agents by name", slots, "Write { name: agent, … }.");
  }
  return checkParts(what, slots);
}

/** Checks the agents that a combinator is given in order. @throws AtomicError `CONFIG` */
export function checkList(what: string, agents: readonly AnyAgent[]): ReadonlyMap<string, AnyAgent> {
  if (!Array.isArray(agents)) {
    throw configError(what, "agents", "an array of agents", agents, `Write ${what}([first, second]).`);
  }
  return checkParts(what, agents);
}

function checkParts(
  what: string,
  parts: Readonly<Record<string, AnyAgent>> | readonly AnyAgent[],
): ReadonlyMap<string, AnyAgent> {
  const entries = Object.entries(parts);
  if (entries.length === 0) throw configError(what, "agents", "at least one agent", "none");
  for (const [key, agent] of entries) {
    checkName(what, "name of a part", key);
    if (key === "__proto__") throw configError(what, "name of a part", "another name", key);
    if (!isAgent(agent)) throw configError(what, key, "an agent", agent, "Make one with defineAgent.");
  }
  return new Map(entries);
}

/** Checks one agent. @throws AtomicError `CONFIG` */
export function checkPart(what: string, agent: unknown): asserts agent is AnyAgent {
  if (!isAgent(agent)) throw configError(what, "agent", "an agent", agent, "Make one with defineAgent.");
}

const defaultConcurrency = 5;

/** The concurrency that was asked for, or 5. @throws AtomicError `CONFIG` */
export function concurrencyOf(what: string, concurrency: number | undefined): number {
  checkCount(what, "concurrency", concurrency);
  return concurrency ?? defaultConcurrency;
}
