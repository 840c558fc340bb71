import { AtomicError, errorCatalog, type ErrorCode } from "@atomic-agents/core";
import { isCutOff } from "../life-cycle/cut-off.ts";
import type { Answer } from "../server/answer.ts";
import type { Problem } from "../wire.ts";
import { isOfCallersInput, safeDetailsOf } from "./safe-details.ts";

const problemType = "application/problem+json";

/** Where a problem is told. */
export interface ProblemPlace {
  readonly requestId: string;
  readonly runId?: string | undefined;
  readonly exposeErrors: boolean;
  /** Of a record: its error says so itself where it is about what the caller sent, and then all is told. */
  readonly isShown?: boolean;
}

/** What only services say, about requests. */
const serviceCodes: ReadonlySet<string> = new Set([
  "BAD_REQUEST",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "IDEMPOTENCY_CONFLICT",
  "OVERLOADED",
]);

/** Whether the service itself has said so: what comes of a run has its id, and may be of another service. */
function isOwn(error: AtomicError): boolean {
  return error.runId === undefined && serviceCodes.has(error.code);
}

/** Whether a caller may read what an error says. Otherwise it may hold whatever an agent's code knows. */
export function isShown(error: AtomicError): boolean {
  return isOwn(error) || isCutOff(error) || isOfCallersInput(error);
}

/** The HTTP status that an error is answered with. */
function statusOf(error: AtomicError): number {
  if (isCutOff(error)) return 503;
  // That another service refuses an agent's request says nothing about the caller's.
  if (serviceCodes.has(error.code) && !isOwn(error) && error.code !== "OVERLOADED") return 502;
  return AtomicError.isInstance(error, "BAD_REQUEST")
    ? error.details.status
    : errorCatalog[error.code].httpStatus;
}

/** What is said in the place of the words of an error that is not shown. */
export function hiddenText(code: ErrorCode): { readonly message: string; readonly hint: string } {
  const { meaning, fix } = errorCatalog[code];
  return { message: `${meaning} The log of the service has more under the request id.`, hint: fix };
}

/** An error as a caller may see it. */
export function problemOf(error: AtomicError, place: ProblemPlace): Problem {
  const hidden = hiddenText(error.code);
  const isWhole = place.exposeErrors || place.isShown === true || isShown(error);
  return {
    type: `urn:atomic-agents:error:${error.code}`,
    title: errorCatalog[error.code].meaning,
    status: statusOf(error),
    detail: isWhole ? error.message : hidden.message,
    code: error.code,
    requestId: place.requestId,
    runId: error.runId ?? place.runId,
    agent: error.agent,
    stage: error.stage,
    details: isWhole ? error.details : safeDetailsOf(error),
    retryable: error.retryable,
    hint: isWhole ? error.hint : hidden.hint,
    disposition: error.disposition,
    timestamp: isoOf(error.timestamp),
  };
}

/** An error as an answer. */
export function problemAnswer(
  error: AtomicError,
  place: ProblemPlace,
  headers: readonly string[] = [],
): Answer {
  return {
    status: statusOf(error),
    contentType: problemType,
    headers: [...headersOf(error), ...headers],
    body: textOf(problemOf(error, place)),
  };
}

function textOf(problem: Problem): string {
  try {
    return JSON.stringify(problem);
  } catch {
    // Details of an agent's own making, which are shown in development, need not be JSON.
    return JSON.stringify({ ...problem, details: undefined });
  }
}

function headersOf(error: AtomicError): readonly string[] {
  if (isOwn(error) && AtomicError.isInstance(error, "UNAUTHENTICATED")) {
    const { problem } = error.details;
    return ["www-authenticate", problem === "missing" ? "Bearer" : 'Bearer error="invalid_token"'];
  }
  const status = statusOf(error);
  if (status !== 429 && status !== 503) return [];
  const afterMs = retryAfterMsOf(error) ?? (error.retryable ? 1_000 : undefined);
  return afterMs === undefined ? [] : ["retry-after", String(Math.max(1, Math.ceil(afterMs / 1_000)))];
}

function retryAfterMsOf(error: AtomicError): number | undefined {
  const { details } = error as { readonly details?: unknown };
  if (typeof details !== "object" || details === null || !("retryAfterMs" in details)) return undefined;
  const { retryAfterMs } = details;
  // More than a day is no answer to anybody, and infinity none to a header.
  return typeof retryAfterMs === "number" && retryAfterMs >= 0
    ? Math.min(retryAfterMs, 86_400_000)
    : undefined;
}

function isoOf(timestampMs: number): string {
  const date = new Date(timestampMs);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
