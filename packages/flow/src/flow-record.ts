import type { RunFlowPlace } from "@atomic-agents/core";
import type { DeadLetter } from "./dead-letter.ts";
import type { Plan } from "./plan.ts";
import type { FlowRecord } from "./run-saver.ts";
import type { Sinks } from "./sinks.ts";
import type { FlowCounts, FlowStageSummary } from "./summary.ts";

/** How far a run of a flow has come. */
export interface FlowState {
  readonly counts: FlowCounts;
  readonly letterCount: number;
  readonly stoppedBy: DeadLetter | undefined;
}

/** What is kept of a run of a flow. */
export function recordOf(
  plan: Plan,
  sinks: Sinks,
  { counts, letterCount, stoppedBy }: FlowState,
): FlowRecord {
  const { letters } = sinks;
  const redriveOf = plan.redrive?.redriveOf;
  return {
    name: plan.name,
    hash: plan.hash(),
    counts,
    emitted: sinks.last.written,
    published: sinks.arePublished,
    source: (plan.redrive?.source ?? plan.source).name,
    stages: stageSummaries(plan),
    sinks: sinks.summaries(),
    letters: letterCount,
    ...(letters === undefined ? {} : { lettersTo: letters.name }),
    ...(redriveOf === undefined ? {} : { redriveOf }),
    ...(stoppedBy === undefined ? {} : { stoppedBy: placeOf(stoppedBy) }),
  };
}

/** What stages have done; the last of the nodes is the sink. */
export function stageSummaries({ nodes }: Plan): readonly FlowStageSummary[] {
  return nodes.slice(0, -1).map(({ id, taken, given, filtered, deadLettered }) => ({
    id,
    taken,
    given,
    filtered,
    deadLettered,
  }));
}

/** Where the record of a letter is from, without what was in it. */
function placeOf({ record, source, file, line, column }: DeadLetter): RunFlowPlace {
  return {
    record,
    source,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
