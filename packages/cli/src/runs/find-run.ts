import type { RunRecord, RunStore } from "@atomic-agents/core";
import { momentText } from "../output/moment.ts";
import { UsageError } from "../usage-error.ts";
import { allRuns } from "./all-runs.ts";

/** How many runs are told of that a beginning could mean. */
const maxShown = 5;

/** What stands for the run that began last. */
const lastRun = "last";

/**
 * The record of a run, by its id, the beginning of it as far as it is the only one, or `last`.
 *
 * @throws UsageError when there is none, or more than one
 */
export async function findRun(store: RunStore, idOrBeginning: string): Promise<RunRecord> {
  const found = idOrBeginning === "" ? undefined : await store.get(idOrBeginning);
  if (found !== undefined) return found;
  const matching: RunRecord[] = [];
  for await (const record of allRuns(store)) {
    if (idOrBeginning === lastRun) return record;
    if (idOrBeginning !== "" && record.report.runId.startsWith(idOrBeginning)) matching.push(record);
  }
  const [only] = matching;
  if (only === undefined) throw noRun(idOrBeginning);
  if (matching.length === 1) return only;
  const shown = matching
    .slice(0, maxShown)
    .map(({ report }) => `${report.runId} (${report.agent}, ${momentText(report.startedAtMs)})`);
  throw new UsageError(`${matching.length} runs begin with ${JSON.stringify(idOrBeginning)}`, {
    where: "<run>",
    expected: `one of ${shown.join(", ")}${matching.length > maxShown ? ", …" : ""}`,
    got: idOrBeginning,
    hint: "Give more of the id.",
  });
}

function noRun(id: string): UsageError {
  if (id === lastRun) {
    return new UsageError("No runs are kept here", {
      where: "<run>",
      expected: "a project in which a flow has been run",
      hint: "atomic run <flow>",
    });
  }
  return new UsageError(`There is no run ${JSON.stringify(id)}`, {
    where: "<run>",
    expected: "the id of a run, the beginning of one, or last",
    got: id,
    hint: "atomic runs list",
  });
}
