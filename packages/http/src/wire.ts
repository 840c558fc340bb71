import type { AgentDescription, Metadata, Spending } from "@atomic-agents/core";

/** The headers that services and clients speak, as HTTP/2 would have them. */
export const header = {
  /** How long the caller waits at most, in milliseconds from now: no clocks have to agree. A service may wait less. */
  timeout: "atomic-timeout-ms",
  /** What the caller lets the call spend: `calls=3, tokens=1000, money=0.5`. A service may have lower limits of its own. */
  budget: "atomic-budget",
  /** What the call has spent, in the form of the budget. */
  spent: "atomic-spent",
  /** The run that a request has become. */
  run: "atomic-run-id",
  requestId: "x-request-id",
  idempotencyKey: "idempotency-key",
  /** `true` on an answer that was given before to a request with the same key. */
  replayed: "idempotent-replayed",
  traceParent: "traceparent",
  traceState: "tracestate",
} as const;

/** The context that a caller may send along. */
export interface CallContext {
  readonly requestId?: string | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

/** The body of `POST /execute` and `POST /stream`. */
export interface CallRequest {
  readonly input: unknown;
  readonly context?: CallContext | undefined;
}

/** The answer to `POST /execute`, and the data of the last event of `POST /stream`. */
export interface CallAnswer {
  /** Null where the agent gave undefined, which JSON does not have: an answer without an output is none. */
  readonly output: unknown;
  readonly runId: string;
  readonly durationMs: number;
  /** There where a part of the work failed whose failure the output tells of. */
  readonly status?: "partial" | undefined;
}

/** The data of the event `output`, which ends a stream that went well: headers have long been sent by then. */
export interface StreamedAnswer extends CallAnswer {
  readonly spent?: Spending | undefined;
}

/** The data of the event `error`, which ends a stream that went wrong. */
export interface StreamedProblem extends Problem {
  readonly spent?: Spending | undefined;
}

/**
 * A line that `POST /records` answers with: one for each record, in the order of the records; `status` as in `CallAnswer`.
 */
export type RecordAnswer =
  | { readonly index: number; readonly output: unknown; readonly status?: "partial" | undefined }
  | { readonly index: number; readonly error: Problem };

/** The names of the events of `POST /stream`. The last one is always `output` or `error`. */
export const streamEvent = {
  /** An event of the run; its `id` is its number, from 0. */
  run: "run",
  /** A draft of the output, not validated. */
  partial: "partial",
  /** The data are a `StreamedAnswer`. */
  output: "output",
  /** The data are a `StreamedProblem`. */
  error: "error",
} as const;

/** `GET /interface` of a server of several agents; that of one agent is its description. */
export interface InterfacesAnswer {
  readonly agents: readonly AgentDescription[];
}

/** An error as `application/problem+json` (RFC 9457), with the members of `AtomicError` beside those of the RFC. */
export interface Problem {
  /** `urn:atomic-agents:error:CODE`. */
  readonly type: string;
  /** What the code means. */
  readonly title: string;
  readonly status: number;
  /** What happened; general where the agent's own code threw. */
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly runId?: string | undefined;
  readonly agent?: string | undefined;
  readonly stage?: string | undefined;
  readonly details?: unknown;
  readonly retryable: boolean;
  readonly hint: string;
  readonly disposition?: string | undefined;
  readonly timestamp: string;
}
