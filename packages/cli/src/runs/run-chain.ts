import type { RunRecord, RunStore } from "@atomic-agents/core";
import { type FlowCounts, sumOfRuns } from "@atomic-agents/flow";
import type { BalanceColumn } from "../output/balance-table.ts";
import { allRuns } from "./all-runs.ts";

/** A run of a flow, and those that worked on the dead letters of one another. */
export interface RunChain {
  /**
   * The run that read the records, and then those that worked on what had failed in one before, in the order in which
   * they began; the last is the one that was asked for. Those that published nothing have changed nothing.
   */
  readonly records: readonly RunRecord[];
  /** All of them that published something, also those that began later. */
  readonly family: readonly RunRecord[];
  /** Runs that worked on the dead letters of the one that was asked for, the first one first. */
  readonly redrivenBy: readonly RunRecord[];
}

/** The runs that belong together with a run, as far as they are kept. */
export async function chainOf(store: RunStore, record: RunRecord): Promise<RunChain> {
  const others = new Map<string, RunRecord>();
  if (record.flow !== undefined) {
    for await (const other of allRuns(store, { agent: record.report.agent })) {
      if (other.flow !== undefined) others.set(other.report.runId, other);
    }
  }
  const first = firstOf(record, others);
  const family = [...others.values()]
    .filter((other) => firstOf(other, others) === first && isDone(other))
    .toSorted((a, b) => a.report.startedAtMs - b.report.startedAtMs);
  const { runId, startedAtMs } = record.report;
  const before = family.filter(({ report }) => report.runId !== runId && report.startedAtMs <= startedAtMs);
  return {
    records: [...before, record],
    family,
    redrivenBy: [...others.values()].filter(({ flow }) => flow?.redriveOf === runId).toReversed(),
  };
}

function isDone({ flow }: RunRecord): boolean {
  return flow?.published === true && flow.origin?.dryRun !== true;
}

/** The id of the run whose source gave the records. */
function firstOf(record: RunRecord, others: ReadonlyMap<string, RunRecord>): string {
  const seen = new Set<string>();
  let first = record;
  for (;;) {
    const { runId } = first.report;
    const before = first.flow?.redriveOf;
    // One that is not kept any more still has a name.
    if (before === undefined || seen.has(runId)) return runId;
    const found = others.get(before);
    if (found === undefined) return before;
    seen.add(runId);
    first = found;
  }
}

/**
 * The counts of a run and of those before it beside one another, and of all together; undefined where there is one, or
 * where they have no sum because letters were worked on twice.
 */
export function balanceOf(runs: readonly FlowCounts[]): readonly BalanceColumn[] | undefined {
  const [first, ...redrives] = runs;
  if (first === undefined || redrives.length === 0) return undefined;
  const together = redrives.reduce<FlowCounts>(sumOfRuns, first);
  if (together.deadLettered < 0) return undefined;
  const columns = redrives.map((counts, index) => ({
    title: redrives.length === 1 ? "re-drive" : `re-drive ${index + 1}`,
    counts,
  }));
  return [{ title: "first run", counts: first }, ...columns, { title: "together", counts: together }];
}
