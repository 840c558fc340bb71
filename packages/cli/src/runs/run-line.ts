import type { FlowCounts } from "@atomic-agents/flow";
import type { RunRecord } from "@atomic-agents/core";
import { runStateOf } from "@atomic-agents/project";

/** A run as a list of runs tells it. */
export interface RunLine {
  readonly runId: string;
  readonly name: string;
  readonly kind: "agent" | "flow";
  readonly status: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Of a flow's records. */
  readonly counts?: FlowCounts | undefined;
  /** How many dead letters it has. */
  readonly letters?: number | undefined;
  /** The run whose dead letters it worked on. */
  readonly redriveOf?: string | undefined;
  readonly errorCode?: string | undefined;
}

export function runLineOf(record: RunRecord): RunLine {
  const { report, flow } = record;
  const { runId, agent: name, startedAtMs, error } = report;
  return {
    runId,
    name,
    kind: flow === undefined ? "agent" : "flow",
    status: runStateOf(record),
    startedAtMs,
    durationMs: durationOf(record),
    ...(flow === undefined ? {} : { counts: flow.counts, letters: flow.letters }),
    ...(flow?.redriveOf === undefined ? {} : { redriveOf: flow.redriveOf }),
    ...(error === undefined ? {} : { errorCode: error.code }),
  };
}

/** How long a run took; of one that has not told its end, until its last sign of life. */
export function durationOf({ report, flow }: RunRecord): number {
  const isOver = !["pending", "running", "waiting"].includes(report.status);
  if (isOver || flow === undefined) return report.durationMs;
  return Math.max(report.durationMs, flow.updatedAtMs - report.startedAtMs);
}
