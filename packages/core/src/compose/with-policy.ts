import type { Agent } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import type { AgentPolicy } from "../policy.ts";
import { resolvePolicy } from "../run/resolve-policy.ts";
import { stepOf } from "../run/step-of.ts";
import { checkNoCard, checkPart, type CompositeOptions } from "./composite.ts";
import { makeWrapper } from "./wrapper.ts";

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
  const what = `withPolicy(${agent.name})`;
  checkNoCard(what, policy);
  const { onError } = resolvePolicy(what, policy);
  if (onError === "pass") {
    throw configError(what, "onError", "stop, drop or dead-letter", onError);
  }
  return makeWrapper({
    what: "withPolicy",
    kind: "policy",
    agent,
    options,
    step: () => stepOf(agent, agent.name, policy),
  });
}
