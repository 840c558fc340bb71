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

/** A query as it is used. @throws AtomicError `CONFIG` for one that makes no sense */
export function runQueryOf(
  what: string,
  query: RunQuery,
): { readonly limit: number; readonly isWanted: (record: RunRecord) => boolean } {
  checkKeys(what, query, ["agent", "status", "beforeMs", "limit"]);
  const { agent, status, beforeMs, limit = defaultLimit } = query;
  if (agent !== undefined && typeof agent !== "string") throw configError(what, "agent", "a name", agent);
  if (status !== undefined && !isRunStatus(status)) {
    throw configError(what, "status", `one of ${Object.keys(statuses).join(", ")}`, status);
  }
  if (beforeMs !== undefined && !Number.isFinite(beforeMs)) {
    throw configError(what, "beforeMs", "milliseconds since 1970", beforeMs);
  }
  checkCount(what, "limit", limit);
  return {
    limit,
    isWanted: ({ report }) =>
      (agent === undefined || report.agent === agent) &&
      (status === undefined || report.status === status) &&
      (beforeMs === undefined || report.startedAtMs < beforeMs),
  };
}

export function isRunStatus(status: unknown): status is RunStatus {
  return typeof status === "string" && Object.hasOwn(statuses, status);
}
