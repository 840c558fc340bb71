import type { IncomingMessage } from "node:http";
import { AtomicError, type Clock, parseRetryAfter } from "@atomic-agents/core";

/** Why a request had no success, and whether and when it may be made again. */
export class HttpFailure extends Error {
  readonly error: AtomicError;
  /** What the server asks to wait, where it does. */
  readonly retryAfterMs: number | undefined;

  constructor(error: AtomicError, retryAfterMs?: number) {
    super(error.message);
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

const passingStatuses = [408, 425, 429, 500, 502, 503, 504];
const passingCodes = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
];
const hints: Readonly<Record<number, string>> = {
  401: "Give the right authorization header.",
  403: "Give the right authorization header, or ask for access.",
  404: "Is the address right?",
  413: "Send less at a time: a smaller batchSize.",
};

/** @param request what was asked for, such as `GET https://example.com/tickets` */
export function statusFailure(
  request: string,
  { statusCode = 0, statusMessage = "", headers }: IncomingMessage,
  body: string,
  clock: Clock,
): HttpFailure {
  const said = body === "" ? "" : `: ${body}`;
  const message = `${request} was answered with ${statusCode} ${statusMessage}`.trimEnd() + said;
  const retryAfterMs = parseRetryAfter(headers["retry-after"], clock);
  const retryable = passingStatuses.includes(statusCode);
  const error =
    statusCode === 429
      ? new AtomicError("RATE_LIMITED", message, {
          details: retryAfterMs === undefined ? {} : { retryAfterMs },
        })
      : new AtomicError("EXECUTION", message, {
          details: { thrown: `HTTP status ${statusCode}` },
          retryable,
          hint: hints[statusCode] ?? (retryable ? "Try again later." : "Look at what the server says."),
        });
  return new HttpFailure(error, retryAfterMs);
}

export function networkFailure(request: string, thrown: unknown): HttpFailure {
  if (thrown instanceof HttpFailure) return thrown;
  if (AtomicError.isInstance(thrown)) return new HttpFailure(thrown);
  const { code, text } = reasonOf(thrown);
  const error = new AtomicError("EXECUTION", `${request} failed: ${text}`, {
    details: { thrown: text },
    cause: thrown,
    retryable: passingCodes.includes(code),
    hint: "Is the address right, and can it be reached from here?",
  });
  return new HttpFailure(error);
}

export function timeoutError(request: string, timeoutMs: number): AtomicError<"TIMEOUT"> {
  return new AtomicError("TIMEOUT", `${request} gave nothing for ${timeoutMs} ms`, {
    details: { scope: "attempt", timeoutMs },
    hint: "Raise timeoutMs, or look why the server is slow.",
  });
}

/** Several addresses of a host fail together as one error, which has no message of its own. */
export function reasonOf(thrown: unknown): { readonly code: string; readonly text: string } {
  const error: unknown = thrown instanceof AggregateError ? (thrown.errors[0] ?? thrown) : thrown;
  if (!(error instanceof Error)) return { code: "", text: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { code, text: error.message === "" ? code : error.message };
}
