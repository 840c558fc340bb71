import type { AtomicError } from "../errors/atomic-error.ts";

/** Where a run stands. */
export type RunStatus = "pending" | "running" | "waiting" | "success" | "partial" | "failed" | "cancelled";

/** Where a stage stands: `passed` failed and gave its input on, `skipped` was never reached. */
export type StageStatus = "pending" | "running" | "success" | "passed" | "failed" | "cancelled" | "skipped";

/** One stage of a report. */
export interface StageReport {
  readonly id: string;
  /** The agent's name. */
  readonly agent: string;
  readonly status: StageStatus;
  /** Calls of the agent, retries included. */
  readonly attempts: number;
  /** From the stage's beginning to its end, waits between attempts included; until now while it runs. */
  readonly durationMs: number;
  readonly error?: AtomicError;
  /** The stages of a composed agent. */
  readonly stages?: readonly StageReport[];
}

/** A run as it stands when the report is made. */
export interface RunReport {
  readonly runId: string;
  readonly requestId: string;
  /** The name of the agent that was run. */
  readonly agent: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly stages: readonly StageReport[];
  readonly error?: AtomicError;
}
