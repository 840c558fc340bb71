import { intersectionOf, unionOf } from "@atomic-agents/contracts";
import type { Agent, AgentInput, AgentOutput, AnyAgent } from "../agent.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import type { Failure } from "../errors/details.ts";
import { asAtomicError } from "../errors/to-atomic-error.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Program } from "../run/program.ts";
import { programOfPart } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { checkList, type CompositeOptions, makeComposite } from "./composite.ts";
import { freeKey } from "./free-key.ts";
import type { Boxed, IntersectionOf } from "./parallel.ts";

/** What all of the agents take. */
type AllInputs<TAgents extends readonly AnyAgent[]> = IntersectionOf<
  { readonly [K in keyof TAgents]: Boxed<AgentInput<TAgents[K]>> }[number]
>;

/**
 * Tries agents in order and gives the output of the first that succeeds. A cancelled run, and a spent budget, end it
 * at once.
 *
 * @throws AtomicError at run time `ALL_FAILED` with every failure, or `VALIDATION_INPUT` when none of the agents takes
 * the input; `CONFIG` for no agents
 * @example
 * ```ts
 * const askService = defineAgent({
 *   name: "ask-service",
 *   description: "Stands for a service that is down.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async () => {
 *     throw new Error("connection refused");
 *   },
 * });
 * const keep = defineAgent({
 *   name: "keep",
 *   description: "Hands on.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text,
 * });
 * const rate = fallback([askService, keep]);
 * console.log(await rate.run("hello")); // => hello
 * ```
 */
export function fallback<const TAgents extends readonly [AnyAgent, ...AnyAgent[]]>(
  agents: TAgents,
  options: CompositeOptions = {},
): Agent<AllInputs<TAgents>, AgentOutput<TAgents[number]>> {
  checkList("fallback", agents);
  const parts = new Map<string, AnyAgent>();
  for (const agent of agents) parts.set(freeKey(parts, agent.name), agent);
  return makeComposite({
    what: "fallback",
    kind: "fallback",
    options,
    optionKeys: [],
    description: `Tries ${[...parts.keys()].join(", then ")}.`,
    input: intersectionOf([...new Set(agents.map((agent) => agent.input))]),
    output: unionOf([...new Set(agents.map((agent) => agent.output))]),
    parts,
    execute: () => {
      const programs = [...parts].map(([key, agent]) => programOfPart(agent, key));
      return (input, ctx) => tryFrom(programs, 0, input, ctx, []);
    },
  }) as Agent<AllInputs<TAgents>, AgentOutput<TAgents[number]>>;
}

function tryFrom(
  programs: readonly Program[],
  from: number,
  input: unknown,
  ctx: Scope,
  errors: readonly AtomicError[],
): unknown {
  const program = programs[from];
  if (program === undefined) throw allFailed(errors, ctx);
  const onFailure = (thrown: unknown): unknown => {
    const error = asAtomicError(thrown);
    if (error.code === "CANCELLED" || error.code === "BUDGET_EXCEEDED" || ctx.ended !== undefined)
      throw thrown;
    return tryFrom(programs, from + 1, input, ctx, [...errors, error]);
  };
  let output: unknown;
  try {
    output = ctx["~frame"].spawn(ctx, program, undefined, true).enter(input);
  } catch (thrown) {
    return onFailure(thrown);
  }
  return isThenable(output) ? output.then(undefined, onFailure) : output;
}

function allFailed(errors: readonly AtomicError[], ctx: Scope): AtomicError {
  const [first] = errors;
  // What none of them takes is the caller's fault, not theirs.
  if (first !== undefined && errors.every(({ code }) => code === "VALIDATION_INPUT")) return first;
  const failures: Failure[] = errors.map(({ agent = "", code, message }) => ({ agent, code, message }));
  const { agent } = ctx["~frame"].program;
  const listed = failures.map((failure) => `${failure.agent}: ${failure.message}`).join("; ");
  return new AtomicError("ALL_FAILED", `All ${failures.length} agents of "${agent}" failed: ${listed}`, {
    details: { failures },
    cause: new AggregateError(errors, "every agent failed"),
    retryable: errors.some((error) => error.retryable),
    hint: "details.failures has each agent's error; the last agent should be one that hardly can fail.",
  });
}
