import { AtomicError, errorCatalog } from "@atomic-agents/core";
import type { Answer } from "../server/answer.ts";
import type { Problem } from "../wire.ts";

export const problemType = "application/problem+json";

/** Where a problem is told. */
export interface ProblemPlace {
  readonly requestId: string;
  readonly runId?: string | undefined;
  readonly exposeErrors: boolean;
}

/** Codes of errors that only services make, whose texts are our own. */
const ownCodes: ReadonlySet<string> = new Set([
  "BAD_REQUEST",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "IDEMPOTENCY_CONFLICT",
  "OVERLOADED",
  "VALIDATION_INPUT",
]);

/** The HTTP status that an error is answered with. */
export function statusOf(error: AtomicError): number {
  return AtomicError.isInstance(error, "BAD_REQUEST")
    ? error.details.status
    : errorCatalog[error.code].httpStatus;
}

/** An error as a caller may see it. */
export function problemOf(error: AtomicError, place: ProblemPlace): Problem {
  const { meaning } = errorCatalog[error.code];
  const isShown = place.exposeErrors || ownCodes.has(error.code);
  return {
    type: `urn:atomic-agents:error:${error.code}`,
    title: meaning,
    status: statusOf(error),
    detail: isShown ? error.message : `${meaning} The service's log has more under this request id.`,
    code: error.code,
    requestId: place.requestId,
    runId: error.runId ?? place.runId,
    agent: error.agent,
    stage: error.stage,
    details: isShown ? error.details : undefined,
    retryable: error.retryable,
    hint: isShown ? error.hint : errorCatalog[error.code].fix,
    disposition: error.disposition,
    timestamp: new Date(error.timestamp).toISOString(),
  };
}

/** An error as an answer. */
export function problemAnswer(error: AtomicError, place: ProblemPlace, headers?: readonly string[]): Answer {
  return {
    status: statusOf(error),
    contentType: problemType,
    headers,
    body: JSON.stringify(problemOf(error, place)),
  };
}
