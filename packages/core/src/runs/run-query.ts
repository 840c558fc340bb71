import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys } from "../limits.ts";
import type { RunStatus } from "../run/report.ts";
import type { RunQuery, RunRecord } from "./run-store.ts";

/** All statuses; a type is not there when a program runs. */
const statuses: Readonly<Record<RunStatus, true>> = {
  pending: true,
  running: true,
  waiting: true,
  success: true,
  partial: true,
  failed: true,
  cancelled: true,
};

const defaultLimit = 100;

/** A query as a store uses it. */
export interface CheckedRunQuery {
  readonly limit: number;
  /** Whether a record is one of those that it describes. */
  readonly isWanted: (record: RunRecord) => boolean;
}

/**
 * Checks a query, and fills in what it does not say: for who writes a store of runs.
 *
 * @param what begins the message of the error
 * @throws AtomicError `CONFIG` for a query that makes no sense
 * @example
 * ```ts
 * const { limit, isWanted } = runQueryOf("MyStore.list", { agent: "clean-text" });
 * const store = new MemoryRunStore();
 * await clean.run({ text: "a" }, { store });
 * console.log(limit, store.list().filter(isWanted).length); // => 100 1
 * ```
 */
export function runQueryOf(what: string, query: RunQuery): CheckedRunQuery {
  checkKeys(what, query, ["agent", "status", "beforeMs", "beforeRunId", "limit"]);
  const { agent, status, beforeMs, beforeRunId, limit = defaultLimit } = query;
  if (agent !== undefined && typeof agent !== "string") throw configError(what, "agent", "a name", agent);
  if (status !== undefined && !isRunStatus(status)) {
    throw configError(what, "status", `one of ${Object.keys(statuses).join(", ")}`, status);
  }
  if (beforeMs !== undefined && !Number.isFinite(beforeMs)) {
    throw configError(what, "beforeMs", "milliseconds since 1970", beforeMs);
  }
  if (beforeRunId !== undefined && typeof beforeRunId !== "string") {
    throw configError(what, "beforeRunId", "a run id", beforeRunId);
  }
  if (beforeRunId !== undefined && beforeMs === undefined) {
    const hint = "Give the last record's startedAtMs, too.";
    throw configError(what, "beforeMs", "given where beforeRunId is", beforeMs, hint);
  }
  checkCount(what, "limit", limit);
  return {
    limit,
    isWanted: ({ report }) =>
      (agent === undefined || report.agent === agent) &&
      (status === undefined || report.status === status) &&
      (beforeMs === undefined ||
        report.startedAtMs < beforeMs ||
        (report.startedAtMs === beforeMs && beforeRunId !== undefined && report.runId < beforeRunId)),
  };
}

/**
 * Compares two records for `sort` in the order in which stores list them: the run that began last first, and of one
 * moment the greatest id.
 *
 * @example
 * ```ts
 * const store = new MemoryRunStore();
 * for (const text of ["a", "b"]) await clean.run({ text }, { store });
 * const records = store.list();
 * console.log(records.toSorted(compareRunRecords).every((record, index) => record === records[index])); // => true
 * ```
 */
export function compareRunRecords({ report: a }: RunRecord, { report: b }: RunRecord): number {
  if (a.startedAtMs !== b.startedAtMs) return b.startedAtMs - a.startedAtMs;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? 1 : -1;
}

export function isRunStatus(status: unknown): status is RunStatus {
  return typeof status === "string" && Object.hasOwn(statuses, status);
}
