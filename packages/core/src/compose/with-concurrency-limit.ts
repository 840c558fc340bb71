import type { Agent } from "../agent.ts";
import type { ConcurrencyLimit } from "../policies/concurrency-limit.ts";
import type { CompositeOptions } from "./composite.ts";
import { withGuard } from "./with-guard.ts";

/**
 * An agent of which only so many calls run at a time; the others wait for a place in the order in which they came.
 * Waiting is part of the attempt: its timeout and a cancellation end it, and so does the limit's `maxWaitMs`.
 *
 * @throws AtomicError at run time `RATE_LIMITED` when too many wait, or a wait took too long; `CONFIG` for a wrong
 * argument
 * @example
 * ```ts
 * let running = 0;
 * let most = 0;
 * const slow = defineAgent({
 *   name: "slow",
 *   description: "Takes its time.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async (text, ctx) => {
 *     most = Math.max(most, ++running);
 *     await sleep(5, ctx);
 *     running--;
 *     return text;
 *   },
 * });
 * const twoAtATime = withConcurrencyLimit(slow, new ConcurrencyLimit({ max: 2 }));
 * await Promise.all(["a", "b", "c", "d"].map((text) => twoAtATime.run(text)));
 * console.log(most); // => 2
 * ```
 */
export function withConcurrencyLimit<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  limit: ConcurrencyLimit,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  return withGuard({
    what: "withConcurrencyLimit",
    kind: "concurrency-limit",
    className: "ConcurrencyLimit",
    agent,
    guard: limit,
    options,
  });
}
