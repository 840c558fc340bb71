import type { AnySchema } from "@atomic-agents/contracts";
import { configError } from "./errors/config-error.ts";
import type { Program } from "./run/program.ts";
import type { RunOptionsOrContext } from "./run/options.ts";
import type { Run } from "./run/run.ts";
import type { Result } from "./result.ts";

/** What sort of agent a value is: one that does the work itself, or one composed of others. */
export type AgentKind =
  | "agent"
  | "pipeline"
  | "parallel"
  | "branch"
  | "fallback"
  | "map-items"
  | "recover"
  | "policy"
  | "circuit-breaker"
  | "concurrency-limit"
  | "rate-limit"
  | "cache"
  | "undo"
  | "zip"
  | "pool"
  | "loop";

/**
 * The brand: it proves that `run` validates, and lets composed agents run the agent without a promise of its own.
 * Its key is a string, so that agents of two copies of this package fit each other.
 */
export interface AgentInternals {
  readonly version: 1;
  readonly kind: AgentKind;
  readonly program: () => Program;
  /** The agents it is composed of, by the name of their place. */
  readonly parts: () => ReadonlyMap<string, AnyAgent>;
}

/**
 * A component with a contract. The caller gives `TInput` and receives `TOutput`; both are checked against the
 * agent's schemas when it runs.
 */
export interface Agent<in TInput, out TOutput> {
  readonly "~atomic": AgentInternals;
  /** Unique among the agents of a process. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  readonly input: AnySchema;
  readonly output: AnySchema;
  /**
   * Validates the input, does the work, validates the output.
   *
   * @param options how to run, or the context of a run that this call shall be part of
   * @throws AtomicError of any code; the promise rejects, the call itself never throws
   */
  readonly run: (input: TInput, options?: RunOptionsOrContext) => Promise<TOutput>;
  /** Like `run`, with a failure as a value; never rejects. */
  readonly tryRun: (input: TInput, options?: RunOptionsOrContext) => Promise<Result<TOutput>>;
  /** Begins a run that can be watched and cancelled; returns before the first stage runs. */
  readonly start: (input: TInput, options?: RunOptionsOrContext) => Run<TOutput>;
}

/** Any agent, for lists of unlike ones. Its input is `never`: use `untyped(agent)` to run one. */
export type AnyAgent = Agent<never, unknown>;

/** What a caller gives an agent. */
export type AgentInput<TAgent extends AnyAgent> =
  TAgent extends Agent<infer TInput, unknown> ? TInput : never;

/** What a caller receives from an agent. */
export type AgentOutput<TAgent extends AnyAgent> =
  TAgent extends Agent<never, infer TOutput> ? TOutput : never;

/** Says whether a value is an agent of this package, of any copy of it. */
export function isAgent(value: unknown): value is AnyAgent {
  if (typeof value !== "object" || value === null || !("~atomic" in value)) return false;
  const internals = value["~atomic"];
  return (
    typeof internals === "object" && internals !== null && "version" in internals && internals.version === 1
  );
}

/**
 * An agent as one that takes and gives `unknown`. Safe: its input is validated when it runs.
 *
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * console.log(await untyped(shout).run(JSON.parse('"hello"'))); // => HELLO
 * ```
 */
export function untyped(agent: AnyAgent): Agent<unknown, unknown> {
  if (!isAgent(agent)) throw configError("untyped", "its argument", "an agent", agent);
  // Its run validates whatever it is given; the brand proves it.
  return agent as Agent<unknown, unknown>;
}
