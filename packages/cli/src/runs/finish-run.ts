import { resolve } from "node:path";
import type { FlowCounts, FlowStage, FlowSummary } from "@atomic-agents/flow";
import { type MetricsSummary, redacted, redactText } from "@atomic-agents/core";
import type { ModelUse } from "@atomic-agents/llm";
import { CommandFailure } from "../command-failure.ts";
import type { FlowRunOptions } from "../commands/run-flow.ts";
import { exitCodes } from "../exit-codes.ts";
import type { BalanceColumn } from "../output/balance-table.ts";
import { commandHint } from "../output/command-hint.ts";
import type { FlowReport } from "../output/flow-report.ts";
import { letterPlace } from "../output/letter-place.ts";
import { modelUseText, plainUses } from "../output/model-use.ts";
import { reportText } from "../output/report-text.ts";
import { shownPath } from "../output/shown-path.ts";
import { writeOutput } from "../output/write-output.ts";
import type { Session } from "../terminal/session.ts";
import { showCommand } from "./report-of-record.ts";
import { redriveCommands } from "./redrive-advice.ts";
import { reportedOutputs } from "./reported-outputs.ts";
import { balanceOf } from "./run-chain.ts";
import { plainLetter, reportedLetter } from "./run-letters.ts";
import type { WatchedRun } from "./watched-run.ts";

/** What is known of a run besides how it ended. */
export interface FinishedRun {
  readonly name: string;
  /** The folder of the project. */
  readonly directory: string;
  /** The absolute paths of the files that it writes. */
  readonly files: readonly string[];
  /** Where its dead letters are, if it has any. */
  readonly lettersFile: string | undefined;
  /** Its records went to standard output: the summary must not. */
  readonly writesStdout: boolean;
  readonly isDryRun: boolean;
  /** The stages of the flow. */
  readonly design: readonly FlowStage[];
  /** The counts of the runs whose failed records it works on, the first one first. */
  readonly before: readonly FlowCounts[];
  /** What was used of models so far. */
  readonly models: () => readonly ModelUse[];
  /** What was counted of agents, where that is to be told. */
  readonly metrics?: (() => MetricsSummary) | undefined;
  readonly options: Pick<FlowRunOptions, "json" | "failOnDeadLetter">;
}

/** Tells how a run went, and ends the command as that asks for. @throws CommandFailure unless all is well */
export async function finishRun(
  { summary, isUnread }: WatchedRun,
  finished: FinishedRun,
  session: Session,
): Promise<void> {
  // Whoever reads has seen enough; nothing is wrong, and there is nothing to tell unless files were to be written, too.
  if (isUnread && !isShort(summary, finished)) return;
  const { writesStdout, options } = finished;
  const { json = false, failOnDeadLetter = false } = options;
  if (json) {
    const line = jsonOf(summary, finished);
    if (writesStdout) session.status.writeLine(JSON.stringify({ summary: line }));
    else await writeOutput(JSON.stringify(line), "-");
  } else {
    const report = reportOf(summary, finished);
    if (writesStdout) session.status.writeLine(redactText(reportText(report, process.stderr)));
    else await writeOutput(redactText(reportText(report, process.stdout)), "-");
  }
  const { error } = summary;
  if (error !== undefined) {
    throw new CommandFailure(error.with({ hint: commandHint(error) }), exitCodes.failed);
  }
  if (failOnDeadLetter && summary.deadLettered > 0) {
    // All has been said.
    throw new CommandFailure(undefined, exitCodes.deadLetters);
  }
}

/** Whether a file that the run should have written is not there. */
function isShort({ sinks }: FlowSummary, { directory, files }: FinishedRun): boolean {
  const published = new Set(
    sinks.filter((sink) => sink.published).map(({ name }) => resolve(directory, name)),
  );
  return files.some((file) => !published.has(file));
}

function reportOf(summary: FlowSummary, finished: FinishedRun): FlowReport {
  const { runId, status, durationMs, stages, sinks, deadLetters, stoppedBy } = summary;
  const file = keptLetters(summary, finished);
  return {
    name: finished.name,
    status,
    durationMs,
    counts: summary,
    stages,
    outputs: reportedOutputs(sinks, {
      directory: finished.directory,
      files: finished.files,
      letters: finished.lettersFile,
    }),
    isDryRun: finished.isDryRun,
    stoppedBy: stoppedBy === undefined ? undefined : letterPlace(stoppedBy),
    letters: deadLetters.map(reportedLetter),
    lettersFile: file === undefined ? undefined : shownPath(file),
    showCommand: file === undefined ? undefined : showCommand(runId),
    redriveCommands: commandsFor(summary, finished),
    balance: balanceWith(summary, finished),
    models: finished.models().map(modelUseText),
    agentStages: stagesOf(finished),
  };
}

function jsonOf(summary: FlowSummary, finished: FinishedRun): Readonly<Record<string, unknown>> {
  const { error, deadLetters, stoppedBy, ...rest } = summary;
  return {
    flow: finished.name,
    ...rest,
    dryRun: finished.isDryRun,
    ...plainUses(finished.models()),
    agentStages: stagesOf(finished),
    together: balanceWith(summary, finished)?.at(-1)?.counts,
    deadLettersFile: keptLetters(summary, finished),
    redrive: commandsFor(summary, finished),
    deadLetters: deadLetters.map(plainLetter),
    stoppedBy: stoppedBy === undefined ? undefined : plainLetter(stoppedBy),
    error: error === undefined ? undefined : redacted(error.toJSON()),
  };
}

/** Of the agents, and not of the flow around them: what became of it is said already. */
function stagesOf({ name, design, metrics }: FinishedRun): MetricsSummary["stages"] | undefined {
  if (metrics === undefined) return undefined;
  const { stages } = metrics();
  if (design.some(({ id }) => id === name)) return stages;
  const { [`${name}/${name}`]: _flow, ...others } = stages;
  return others;
}

/** Of a run that has published nothing, nothing is to be added to those before. */
function balanceWith(summary: FlowSummary, { before }: FinishedRun): readonly BalanceColumn[] | undefined {
  return summary.published ? balanceOf([...before, summary]) : undefined;
}

/** The file of the letters, where there is one. */
function keptLetters(summary: FlowSummary, { lettersFile, isDryRun }: FinishedRun): string | undefined {
  if (isDryRun || summary.deadLettered === 0) return undefined;
  const sink = summary.sinks.find(({ name }) => name === lettersFile);
  return sink?.published === true ? lettersFile : undefined;
}

/** Only what a flow that ended by itself has left: of another the records are to be run again. */
function commandsFor(summary: FlowSummary, finished: FinishedRun): readonly string[] {
  const { runId, status, published, stages, deadLetters: letters } = summary;
  if (status !== "partial" || !published || keptLetters(summary, finished) === undefined) return [];
  return redriveCommands({ runId, stages, letters, design: finished.design });
}
