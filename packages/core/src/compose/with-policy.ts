import type { Agent } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import type { AgentPolicy } from "../policy.ts";
import { resolvePolicy } from "../run/resolve-policy.ts";
import { programOfWrapped } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { checkPart, compositeKeys, type CompositeOptions, makeComposite } from "./composite.ts";

/**
 * An agent with a policy of its own, wherever it is used: as a slot of `parallel`, an agent of `fallback`, the item
 * agent of `mapItems`, or alone. In a pipeline the policy can also be given to `.stage`.
 *
 * @throws AtomicError `CONFIG` for a wrong policy; `onError: "pass"` belongs to a pipeline's stage
 * @example
 * ```ts
 * let calls = 0;
 * const askService = defineAgent({
 *   name: "ask-service",
 *   description: "Stands for a service that is busy at first.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async (text) => {
 *     calls++;
 *     if (calls === 1) throw new Error("busy");
 *     return text;
 *   },
 * });
 * const steady = withPolicy(askService, { timeoutMs: 2_000, retry: { attempts: 3, baseDelayMs: 10 } });
 * console.log(await steady.run("hello"), calls); // => hello 2
 * ```
 */
export function withPolicy<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  policy: AgentPolicy,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  checkPart("withPolicy", agent);
  checkKeys("withPolicy", options, compositeKeys);
  const { onError } = resolvePolicy(`withPolicy(${agent.name})`, policy);
  if (onError === "pass") {
    throw configError(`withPolicy(${agent.name})`, "onError", "stop, drop or dead-letter", onError);
  }
  // The parts take and give what the types say; the composite only hands their values on.
  return makeComposite({
    what: "withPolicy",
    kind: "policy",
    options: { name: agent.name, ...options },
    optionKeys: [],
    description: agent.description,
    input: agent.input,
    output: agent.output,
    parts: new Map([[agent.name, agent]]),
    execute: () => {
      const program = programOfWrapped(agent, policy);
      return (input: unknown, ctx: Scope) => ctx["~frame"].spawn(ctx, program, undefined, true).enter(input);
    },
  }) as Agent<TInput, TOutput>;
}
