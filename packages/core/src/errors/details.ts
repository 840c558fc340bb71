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
  readonly CONFIG: { readonly path: string; readonly expected: string; readonly got: string };
}
