import type { Metadata } from "../context.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { RunEvent } from "../run/events.ts";
import type { RunReport } from "../run/report.ts";

/** What is kept of a run. */
export interface RunRecord {
  readonly report: RunReport;
  readonly events: readonly RunEvent[];
  readonly droppedEvents: number;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly metadata?: Metadata;
}

/** Keeps runs. */
export interface RunStore {
  readonly save: (record: RunRecord) => MaybePromise<void>;
}
