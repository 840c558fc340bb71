import type { Agent } from "../agent.ts";
import { CircuitBreaker } from "../policies/circuit-breaker.ts";
import type { CompositeOptions } from "./composite.ts";
import { withGuard } from "./with-guard.ts";

/**
 * An agent that is not called for a while when it keeps failing. Every call counts, its checks included: an output
 * that breaks the contract is a failure, an input that does is none. An attempt whose time is over is a failure at
 * that moment; one that was cancelled counts as nothing.
 *
 * @param breaker of its own unless given; one may stand around several agents
 * @throws AtomicError at run time `CIRCUIT_OPEN` when a call is refused, with `details.retryAfterMs`, and the last failure
 * as `cause`; `CONFIG` for a wrong argument
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
 * const guarded = withCircuitBreaker(askService, new CircuitBreaker({ failures: 2 }));
 * const quiet = { log: createLog({ level: "silent" }) };
 * for (let call = 1; call <= 3; call++) {
 *   const result = await guarded.tryRun("hello", quiet);
 *   if (!result.ok) console.log(result.error.code);
 * }
 * // => EXECUTION
 * // => EXECUTION
 * // => CIRCUIT_OPEN
 * ```
 */
export function withCircuitBreaker<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  breaker: CircuitBreaker = new CircuitBreaker(),
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  return withGuard({
    what: "withCircuitBreaker",
    kind: "circuit-breaker",
    className: "CircuitBreaker",
    agent,
    guard: breaker,
    options,
  });
}
