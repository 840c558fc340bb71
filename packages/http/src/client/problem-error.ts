import { type AtomicError, errorFromJson, parseRetryAfter } from "@atomic-agents/core";
import type { AnswerHeaders } from "./exchange.ts";

/** What readers of an error of a code count on finding in its details. */
const leastDetails: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  VALIDATION_INPUT: { issues: [] },
  VALIDATION_OUTPUT: { issues: [] },
  EXECUTION: { thrown: "" },
  TIMEOUT: { scope: "attempt", timeoutMs: 0 },
  CANCELLED: { reason: "" },
  BUDGET_EXCEEDED: { kind: "calls", limit: 0, spent: 0, asked: 0 },
  NO_ROUTE: { chosen: "", cases: [] },
  ALL_FAILED: { failures: [] },
  NO_INSTANCE: { replicas: 0, capacity: 0, waitedMs: 0 },
  RESOURCE: { resource: "", phase: "create" },
  LOOP_LIMIT: { maxRounds: 0 },
  EVENT_TIME: { problem: "late", time: "" },
  MIDDLEWARE: { pipeline: "", stage: "", position: 0, problem: "next-never" },
  BAD_REQUEST: { status: 400, problem: "" },
  UNAUTHENTICATED: { problem: "invalid" },
  FORBIDDEN: { needs: "" },
  NOT_FOUND: { what: "route", name: "" },
  IDEMPOTENCY_CONFLICT: { key: "" },
  CONNECTION: { executed: "perhaps", url: "" },
  INCOMPATIBLE: { side: "input", verdict: "unknown", reasons: [] },
  CONFIG: { path: "", expected: "", got: "" },
};

/** Errors whose details may say how long to wait. */
const waitable: ReadonlySet<unknown> = new Set(["RATE_LIMITED", "CIRCUIT_OPEN", "OVERLOADED"]);

/** Says whether a value is a problem as services of agents write it. */
export function isProblem(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "detail" in value &&
    typeof value.detail === "string"
  );
}

/**
 * The error that a problem tells of, as if its agent ran here: of the caller's run, at the stage of the remote agent
 * that failed. The error with the ids that it has over there is its `cause`.
 */
export function errorOfProblem(
  problem: Readonly<Record<string, unknown>>,
  headers: AnswerHeaders = {},
): AtomicError {
  const { code, detail, agent, stage, runId, requestId, timestamp, retryable, hint, disposition } = problem;
  const said = { code, message: detail, agent, stage, retryable, hint, disposition, timestamp };
  const details = detailsOf(code, problem["details"], headers);
  const there = errorFromJson({ ...said, details, runId, requestId });
  // That a run over there was cancelled is a failure of this one, which goes on being wanted: the run makes it one
  // where it sees that the error has an id of another run.
  if (there.code === "CANCELLED") {
    return there.runId === undefined ? there.with({ runId: "of the service" }) : there;
  }
  return errorFromJson({ ...said, details }).with({ cause: there });
}

function detailsOf(code: unknown, given: unknown, headers: AnswerHeaders): unknown {
  const least = Object.entries(leastDetails[String(code)] ?? {});
  const said: Readonly<Record<string, unknown>> = isObject(given) ? given : {};
  const details: Record<string, unknown> = { ...said };
  for (const [key, fallback] of least) {
    if (!Object.hasOwn(said, key) || kindOf(said[key]) !== kindOf(fallback)) details[key] = fallback;
  }
  const retryAfter = headers["retry-after"];
  if (waitable.has(code) && typeof retryAfter === "string" && typeof said["retryAfterMs"] !== "number") {
    const retryAfterMs = parseRetryAfter(retryAfter);
    if (retryAfterMs !== undefined) details["retryAfterMs"] = retryAfterMs;
  }
  return details;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
