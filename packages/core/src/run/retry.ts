import { AtomicError } from "../errors/atomic-error.ts";
import type { Step } from "./program.ts";

/** Whether a stage's policy asks for another attempt after this failure. */
export function wantsRetry(step: Step, error: AtomicError, attempt: number): boolean {
  const { retry } = step;
  if (retry === undefined || attempt >= retry.attempts) return false;
  return retry.when === undefined ? error.retryable : retry.when(error, attempt);
}

/** How long to wait before the next attempt; never less than what the failing side asked for. */
export function retryDelayMs(step: Step, error: AtomicError, attempt: number, random: () => number): number {
  const { retry } = step;
  if (retry === undefined) return 0;
  const grown = Math.min(retry.maxDelayMs, retry.baseDelayMs * retry.factor ** (attempt - 1));
  const delayMs = retry.jitter === "none" ? grown : grown * random();
  const asked = AtomicError.isInstance(error, "RATE_LIMITED") ? (error.details.retryAfterMs ?? 0) : 0;
  return Math.max(delayMs, asked);
}
