import type { Issue } from "@atomic-agents/contracts";
import type { ErrorCode } from "./catalog.ts";

/** One agent's failure among several. */
export interface Failure {
  readonly agent: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What an error of each code carries in `details`. */
export interface ErrorDetails {
  readonly VALIDATION_INPUT: { readonly issues: readonly Issue[] };
  readonly VALIDATION_OUTPUT: {
    readonly issues: readonly Issue[];
    /** Of a language model: the beginning of what it answered last, as it came. */
    readonly rawText?: string;
    /** Of a language model: how often it answered, asked again with the issues each time. */
    readonly answers?: number;
  };
  readonly EXECUTION: { readonly thrown: string };
  readonly TIMEOUT: {
    /** `attempt` for a stage's `timeoutMs`, `run` for the deadline of the whole run. */
    readonly scope: "attempt" | "run";
    readonly timeoutMs: number;
  };
  readonly CANCELLED: { readonly reason: string };
  readonly BUDGET_EXCEEDED: {
    readonly kind: "calls" | "tokens" | "money";
    readonly limit: number;
    readonly spent: number;
    readonly asked: number;
  };
  readonly RATE_LIMITED: { readonly retryAfterMs?: number };
  readonly NO_ROUTE: { readonly chosen: string; readonly cases: readonly string[] };
  readonly ALL_FAILED: { readonly failures: readonly Failure[] };
  readonly CIRCUIT_OPEN: {
    /** When the breaker lets a call through again, from now; absent while it tries one. */
    readonly retryAfterMs?: number;
  };
  readonly NO_INSTANCE: { readonly replicas: number; readonly capacity: number; readonly waitedMs: number };
  readonly RESOURCE: {
    /** The resource's name. */
    readonly resource: string;
    /** `create` and `dispose` are the resource's own functions; `wait` is the wait for one of a pool. */
    readonly phase: "create" | "wait" | "bind" | "dispose";
  };
  readonly LOOP_LIMIT: { readonly maxRounds: number };
  readonly EVENT_TIME: {
    /** `late` for what came after its windows were closed, `ahead` for what is from the future. */
    readonly problem: "late" | "ahead";
    /** The record's time; this and the others in UTC, as `2026-01-31T10:00:00.000Z`. */
    readonly time: string;
    /** Of a late one: the time that no more records were expected from before. */
    readonly watermark?: string;
    /** Of a late one: when the last window that it belongs to ended. */
    readonly windowEnd?: string;
  };
  readonly MIDDLEWARE: {
    readonly pipeline: string;
    readonly stage: string;
    /** The middleware's place in the order of `use`, counted from 1. */
    readonly position: number;
    readonly problem: "next-twice" | "next-never" | "next-pending";
  };
  readonly BAD_REQUEST: {
    /** The HTTP status that it is answered with. */
    readonly status: number;
    /** What is wrong, in a word that does not change, such as `json`, `too-deep` or `too-large`. */
    readonly problem: string;
  };
  readonly UNAUTHENTICATED: { readonly problem: "missing" | "invalid" };
  readonly FORBIDDEN: {
    /** The scope that the token lacks, or the header that names what is not allowed. */
    readonly needs: string;
  };
  readonly NOT_FOUND: { readonly what: "route" | "agent" | "run"; readonly name: string };
  readonly IDEMPOTENCY_CONFLICT: { readonly key: string };
  readonly OVERLOADED: { readonly retryAfterMs?: number };
  readonly CONNECTION: {
    /** Whether the service may have begun the work: `no` when surely nothing was executed. */
    readonly executed: "no" | "perhaps";
    /** Where the service is; without credentials. */
    readonly url: string;
  };
  readonly INCOMPATIBLE: {
    readonly side: "input" | "output";
    readonly verdict: "sometimes" | "never" | "unknown";
    readonly reasons: readonly string[];
  };
  readonly CONFIG: { readonly path: string; readonly expected: string; readonly got: string };
}
