import { type Clock, type Log, sleep } from "@atomic-agents/core";
import type { HttpSettings } from "./http-options.ts";
import { networkFailure } from "./http-failure.ts";

/** What attempts are repeated with. */
export interface RetrySurroundings {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly log: Log;
  /** On the scale of the clock: no attempt begins after it. */
  readonly deadlineMs: number;
}

/** A server that asks for a longer wait is not waited for. */
const longestAskedMs = 60_000;

/**
 * Makes a request until it has success, or may not be made again: as often as the settings say, never sooner than the server
 * asks, and only for failures that may pass.
 *
 * @param name what is asked for, for messages
 * @throws the error of the last attempt
 */
export async function withRetries<TValue>(
  name: string,
  { attempts, baseDelayMs, factor, maxDelayMs, jitter }: HttpSettings["retry"],
  { clock, signal, random, log, deadlineMs }: RetrySurroundings,
  attempt: () => Promise<TValue>,
): Promise<TValue> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (thrown) {
      const { error, retryAfterMs = 0 } = networkFailure(name, thrown);
      if (signal.aborted || number >= attempts || !error.retryable) throw error;
      const grownMs = Math.min(maxDelayMs, baseDelayMs * factor ** (number - 1) || 0);
      const delayMs = Math.max(grownMs * (jitter === "none" ? 1 : random()), retryAfterMs);
      if (retryAfterMs > longestAskedMs || clock.now() + delayMs > deadlineMs) throw error;
      log.warn(`${error.message}; trying again`, { attempt: number, delayMs: Math.round(delayMs) });
      await sleep(delayMs, { clock, signal });
    }
  }
}
