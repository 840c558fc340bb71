import type { Agent } from "../agent.ts";
import type { RateLimit } from "../policies/rate-limit.ts";
import type { CompositeOptions } from "./composite.ts";
import { withGuard } from "./with-guard.ts";

/**
 * An agent of which only so many calls begin in a span of time; the others wait in the order in which they came.
 * Waiting is part of the attempt: its timeout and a cancellation end it. A call that would have to wait longer than
 * the limit's `maxWaitMs` is refused at once.
 *
 * @throws AtomicError at run time `RATE_LIMITED` with `details.retryAfterMs`, when too many wait or the wait would be
 * too long; `CONFIG` for a wrong argument
 * @example
 * ```ts
 * const keep = defineAgent({
 *   name: "keep",
 *   description: "Hands on.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text,
 * });
 * const limit = new RateLimit({ limit: 2, perMs: 60_000, maxWaiting: 0 });
 * const seldom = withRateLimit(keep, limit);
 * console.log(await seldom.run("a"), await seldom.run("b")); // => a b
 * const result = await seldom.tryRun("c");
 * if (!result.ok) console.log(result.error.code); // => RATE_LIMITED
 * ```
 */
export function withRateLimit<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  limit: RateLimit,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  return withGuard({
    what: "withRateLimit",
    kind: "rate-limit",
    className: "RateLimit",
    agent,
    guard: limit,
    options,
  });
}
