import type { RunRecord } from "@atomic-agents/core";
import { runStateOf } from "@atomic-agents/project";

/** Whether a run's process, on this computer, has ended without telling. Of one on another nobody knows. */
export function isGone(record: RunRecord): boolean {
  const { flow } = record;
  // As of the moment when it was saved last, so that its silence does not count.
  return flow !== undefined && runStateOf(record, { nowMs: flow.updatedAtMs }) === "interrupted";
}
