import type { RunRecord } from "@atomic-agents/core";
import { runStateOf } from "@atomic-agents/project";
import type { FlowReport } from "../output/flow-report.ts";
import { letterPlace } from "../output/letter-place.ts";
import { shownPath } from "../output/shown-path.ts";
import { type RunChain, balanceOf } from "./run-chain.ts";
import { redriveCommands } from "./redrive-advice.ts";
import { reportedOutputs } from "./reported-outputs.ts";
import { durationOf } from "./run-line.ts";
import type { ReportedLetters } from "./run-letters.ts";

/** The dead letters of a run, as far as they are there. */
export interface KeptLetters {
  /** The first of them. */
  readonly letters: ReportedLetters;
  readonly lettersFile: string | undefined;
}

/** How a flow's run went, as its record tells it. @throws TypeError for the record of an agent's run */
export function reportOfRecord(
  record: RunRecord,
  { letters, lettersFile: file }: KeptLetters,
  chain: RunChain,
): FlowReport {
  const { report, flow } = record;
  if (flow === undefined) throw new TypeError(`${report.runId} is no run of a flow`);
  const outputs = flow.sinks.filter(({ name }) => name !== flow.lettersTo);
  const isOver = !["running", "pending", "waiting"].includes(runStateOf(record));
  return {
    name: flow.name,
    status: runStateOf(record),
    durationMs: durationOf(record),
    counts: flow.counts,
    stages: flow.stages,
    outputs: reportedOutputs(outputs, {
      directory: flow.origin?.directory ?? process.cwd(),
      files: flow.origin?.outputs ?? [],
      letters: undefined,
    }),
    isDryRun: flow.origin?.dryRun,
    stoppedBy: flow.stoppedBy === undefined ? undefined : letterPlace(flow.stoppedBy),
    letters,
    lettersFile: file === undefined ? undefined : shownPath(file),
    showCommand: file === undefined ? undefined : showCommand(report.runId),
    redriveCommands:
      file !== undefined && isOver && flow.published && chain.redrivenBy.length === 0
        ? redriveCommands({ runId: report.runId, stages: flow.stages, letters })
        : undefined,
    // What a re-drive was of may be gone by now.
    balance:
      flow.published && (flow.redriveOf === undefined || chain.records.length > 1)
        ? balanceOf(chain.records.flatMap(({ flow: of }) => (of === undefined ? [] : [of.counts])))
        : undefined,
  };
}

export function showCommand(runId: string): string {
  return `atomic dead-letters show ${runId}`;
}
