import { AtomicError } from "../errors/atomic-error.ts";
import type { Step } from "./program.ts";

/** Whether a stage's policy asks for another attempt after this failure. */
export function wantsRetry(step: Step, error: AtomicError, attempt: number): boolean {
  const { retry } = step;
  if (retry === undefined || attempt >= retry.attempts) return false;
  return retry.when === undefined ? error.retryable : retry.when(error, attempt);
}

/** A failing side that asks for a longer wait is not waited for. */
const longestAskedMs = 300_000;

/**
 * How long to wait before the next attempt; never less than what the failing side asked for. Undefined when that is
 * too long.
 */
export function retryDelayMs(
  step: Step,
  error: AtomicError,
  attempt: number,
  random: () => number,
): number | undefined {
  const { retry } = step;
  if (retry === undefined) return undefined;
  const askedMs = askedDelayMs(error);
  if (askedMs > longestAskedMs) return undefined;
  // A factor that has grown to Infinity times a base of 0 is NaN.
  const grownMs = Math.min(retry.maxDelayMs, retry.baseDelayMs * retry.factor ** (attempt - 1) || 0);
  const share = retry.jitter === "none" ? 1 : Math.min(1, Math.max(0, random() || 0));
  return Math.max(grownMs * share, askedMs);
}

function askedDelayMs(error: AtomicError): number {
  if (AtomicError.isInstance(error, "RATE_LIMITED", "CIRCUIT_OPEN", "OVERLOADED"))
    return delayIn(error.details);
  return error.code === "EXECUTION" && error.cause instanceof Error ? delayIn(error.cause) : 0;
}

/** What details, or an Error that an agent threw, say in `retryAfterMs`; 0 when that is no time. */
function delayIn(said: object | undefined): number {
  try {
    // Made by users' code: details may be null or a text, and a getter may throw.
    const asked = said !== undefined && "retryAfterMs" in said ? said.retryAfterMs : 0;
    return typeof asked === "number" && asked > 0 ? asked : 0;
  } catch {
    return 0;
  }
}
