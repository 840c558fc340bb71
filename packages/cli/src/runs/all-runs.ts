import type { RunQuery, RunRecord, RunStore } from "@atomic-agents/core";

/** How many records are asked for at a time. */
const pageSize = 200;

/** All records that a query describes, the run that began last first, page by page. */
export async function* allRuns(store: RunStore, query: RunQuery = {}): AsyncGenerator<RunRecord> {
  let page: RunQuery = { ...query, limit: pageSize };
  for (;;) {
    const records = await store.list(page);
    yield* records;
    const last = records.at(-1);
    if (last === undefined || records.length < pageSize) return;
    page = { ...page, beforeMs: last.report.startedAtMs, beforeRunId: last.report.runId };
  }
}
