import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import type { OnError, Policy, RetryPolicy } from "../policy.ts";
import type { ResolvedRetry } from "./program.ts";

const policyKeys: readonly (keyof Policy)[] = ["timeoutMs", "retry", "onError"];
const retryKeys: readonly (keyof RetryPolicy)[] = [
  "attempts",
  "baseDelayMs",
  "factor",
  "maxDelayMs",
  "jitter",
  "when",
];
const dispositions: readonly OnError[] = ["stop", "pass", "drop", "dead-letter"];

/** A policy as a step keeps it. */
export interface ResolvedPolicy {
  readonly timeoutMs: number | undefined;
  readonly hasOwnTimeout: boolean;
  readonly retry: ResolvedRetry | undefined;
  readonly onError: OnError | undefined;
}

const noPolicy: ResolvedPolicy = {
  timeoutMs: undefined,
  hasOwnTimeout: false,
  retry: undefined,
  onError: undefined,
};

/** Checks a policy and fills in defaults. @throws AtomicError `CONFIG` naming `what` */
export function resolvePolicy(what: string, policy: Policy | undefined): ResolvedPolicy {
  if (policy === undefined) return noPolicy;
  if (typeof policy !== "object" || policy === null) throw configError(what, "policy", "an object", policy);
  checkKeys(what, policy, policyKeys);
  checkMs(what, "timeoutMs", policy.timeoutMs);
  const { onError } = policy;
  if (onError !== undefined && !dispositions.includes(onError)) {
    throw configError(what, "onError", `one of ${dispositions.join(", ")}`, onError);
  }
  return {
    timeoutMs: policy.timeoutMs,
    hasOwnTimeout: policy.timeoutMs !== undefined,
    retry: policy.retry === undefined ? undefined : resolveRetry(what, policy.retry),
    onError,
  };
}

function resolveRetry(what: string, retry: RetryPolicy): ResolvedRetry {
  if (typeof retry !== "object" || retry === null) {
    throw configError(
      what,
      "retry",
      "an object",
      retry,
      "Write retry: { attempts: 3 } for three calls in all.",
    );
  }
  checkKeys(what, retry, retryKeys);
  const { attempts, baseDelayMs = 100, factor = 2, maxDelayMs = 10_000, jitter = "full", when } = retry;
  if (attempts === undefined) throw configError(what, "retry.attempts", "a whole number from 1", attempts);
  checkCount(what, "retry.attempts", attempts);
  checkMs(what, "retry.baseDelayMs", baseDelayMs, 0);
  checkMs(what, "retry.maxDelayMs", maxDelayMs, 0);
  if (typeof factor !== "number" || !(factor >= 1 && factor <= 1_000)) {
    throw configError(what, "retry.factor", "a number from 1 to 1000", factor);
  }
  if (jitter !== "full" && jitter !== "none") throw configError(what, "retry.jitter", "full or none", jitter);
  if (when !== undefined && typeof when !== "function") {
    throw configError(what, "retry.when", "a function", when);
  }
  return { attempts, baseDelayMs, factor, maxDelayMs, jitter, when };
}
