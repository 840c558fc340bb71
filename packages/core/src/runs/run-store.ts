import type { Metadata } from "../context.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { RunEvent } from "../run/events.ts";
import type { RunReport, RunStatus } from "../run/report.ts";
import type { RunFlow } from "./run-flow.ts";

/** What is kept of a run. */
export interface RunRecord {
  /** Its `runId` is what the record is found by. */
  readonly report: RunReport;
  /** The events that the run kept, oldest first. */
  readonly events: readonly RunEvent[];
  /** How many of the oldest events the run let go. */
  readonly droppedEvents: number;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** Of a run of a flow. */
  readonly flow?: RunFlow | undefined;
}

/** Which records `list` gives: those for which all that is said holds. */
export interface RunQuery {
  /** The name of the agent that was run. */
  readonly agent?: string | undefined;
  readonly status?: RunStatus | undefined;
  /** Only runs that began before this moment, in milliseconds since 1970; for the next page, the last one's `startedAtMs`. */
  readonly beforeMs?: number | undefined;
  /**
   * With `beforeMs`: also runs that began at that very moment, if their id comes before this one. For the next page, the
   * last one's run id: without it, runs that began in one moment may be missed at the end of a page.
   */
  readonly beforeRunId?: string | undefined;
  /** How many at most; 100 unless said otherwise. */
  readonly limit?: number | undefined;
}

/**
 * Keeps the records of runs. Implement it to keep them elsewhere; `expectStoreConforms` of `@atomic-agents/testing` says
 * whether a store does what is written here. A method may give its result itself or a promise of it, and may throw or
 * reject when the place where it keeps them fails: that breaks no run.
 *
 * A store that keeps text writes `JSON.stringify(recordToJson(record))` and reads `recordFromJson(JSON.parse(text))`.
 * How long records stay, and how many, is the store's affair; it says so in its documentation.
 */
export interface RunStore {
  /**
   * Keeps a record in the place of the one with the same run id, if there is one: whole, or not at all. A run may be
   * saved more than once, while it goes on and when it has ended; the last one counts. A record is not changed after
   * it was given, so that it need not be copied.
   */
  readonly save: (record: RunRecord) => MaybePromise<void>;
  /** The record of a run; undefined when there is none. Run ids are any text, compared character by character. */
  readonly get: (runId: string) => MaybePromise<RunRecord | undefined>;
  /**
   * The records that a query describes, the run that began last first; of those that began at one moment the one with the
   * greatest id first, as JavaScript compares texts with `<`.
   *
   * @throws AtomicError `CONFIG` for a query that makes no sense
   */
  readonly list: (query?: RunQuery) => MaybePromise<readonly RunRecord[]>;
  /** Lets a record go; true when there was one. */
  readonly delete: (runId: string) => MaybePromise<boolean>;
}
