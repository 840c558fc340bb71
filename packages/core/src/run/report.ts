import type { Metadata } from "../context.ts";
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
  /** When it began, in milliseconds since the run did; 0 when it has not. */
  readonly atMs: number;
  /** From the stage's beginning to its end, waits between attempts included; until now while it runs. */
  readonly durationMs: number;
  readonly error?: AtomicError;
  /** What it had done was undone, because the run stopped later on. */
  readonly undone?: boolean;
  /** Why that failed. */
  readonly undoError?: AtomicError;
  /** What its agents have spent of the budget. */
  readonly spent?: StageSpending;
  /** The sizes of its input and output as JSON, where the run was told to measure them. */
  readonly inputBytes?: number;
  readonly outputBytes?: number;
  /** The stages of a composed agent. */
  readonly stages?: readonly StageReport[];
}

/** What the agents of a stage have spent. */
export interface StageSpending {
  readonly calls: number;
  readonly tokens: number;
  /** In the currency of the prices in use. */
  readonly money: number;
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
  /** Until the outcome was told: undoing and disposing included; until now while it runs. */
  readonly durationMs: number;
  readonly stages: readonly StageReport[];
  readonly error?: AtomicError;
  /** What its stages have spent together. */
  readonly spent?: StageSpending;
  /** What came with the run, and what its stages have written. */
  readonly metadata?: Metadata;
}
