import { elapsedMs } from "../time/elapsed.ts";
import type { Frame } from "./frame.ts";
import type { Step } from "./program.ts";
import type { RunReport, RunStatus, StageReport, StageSpending, StageStatus } from "./report.ts";
import { noMetadata } from "./root.ts";

/** Lets a report be made field by field: a spread for each optional one costs more than all the others. */
type Making<TReport> = { -readonly [K in keyof TReport]: TReport[K] };

/** The report of a run as it stands, derived from what its frames keep. */
export function reportOf(frame: Frame): RunReport {
  const { error, startMs, metadata, endMs } = frame;
  const report: Making<RunReport> = {
    runId: frame.runId,
    requestId: frame.requestId,
    agent: frame.program.agent,
    status: statusOf(frame),
    startedAtMs: frame.timestampMs,
    durationMs: elapsedMs(startMs, endMs),
    stages: stagesOf(frame),
  };
  if (error !== undefined && frame.isSettled) report.error = error;
  if (frame.rare?.spent !== undefined) report.spent = sumOf(frame.rare.spent);
  if (metadata !== noMetadata) report.metadata = metadata;
  return report;
}

/** A run that has to wait for a resource, or for its turn, says so. */
export function statusOf(frame: Frame): RunStatus {
  const { status } = frame;
  if (status !== "running") return status;
  return (frame.rootIfAny?.waitingCount ?? 0) > 0 ? "waiting" : status;
}

function sumOf(spent: readonly (StageSpending | undefined)[]): StageSpending {
  const sum = { calls: 0, tokens: 0, money: 0 };
  for (const each of spent) {
    sum.calls += each?.calls ?? 0;
    sum.tokens += each?.tokens ?? 0;
    sum.money += each?.money ?? 0;
  }
  return sum;
}

function stagesOf(frame: Frame): StageReport[] {
  if (!frame.program.isComposite) return ownStagesOf(frame);
  const parts = partsOf(frame, 0);
  // Within a stage a composed agent's own step would only repeat it; run by itself, it is all there is.
  return parts.length > 0 || frame.place !== undefined ? parts : ownStagesOf(frame);
}

function ownStagesOf(frame: Frame): StageReport[] {
  const { steps } = frame.program;
  const originMs = (frame.place?.outermost ?? frame).startMs;
  return steps.map((step, index) => stageOf(frame, step, index, originMs));
}

function stageOf(frame: Frame, step: Step, index: number, originMs: number): StageReport {
  const { marks, rare } = frame;
  const status = stageStatus(frame, index);
  const isReached = status !== "skipped" && status !== "pending";
  const beganMs = marks[index] ?? 0;
  const endMs = marks[index + 1] ?? (frame.hasEnded ? beganMs : frame.env.clock.now());
  const stage: Making<StageReport> = {
    id: frame.place?.label ?? step.id,
    agent: step.agent,
    status,
    attempts: isReached ? (rare?.attempts?.[index] ?? 1) : 0,
    atMs: isReached ? elapsedMs(originMs, beganMs) : 0,
    durationMs: isReached ? elapsedMs(beganMs, endMs) : 0,
  };
  if (status === "failed" || status === "cancelled") {
    if (frame.error !== undefined) stage.error = frame.error;
  } else if (rare !== undefined) {
    const passed = rare.passed?.[index];
    if (passed !== undefined) stage.error = passed;
  }
  if (rare === undefined) return stage;
  const undone = rare.undone?.[index];
  if (undone === true) stage.undone = true;
  else if (undone !== undefined) stage.undoError = undone;
  const spent = rare.spent?.[index];
  if (spent !== undefined) stage.spent = { ...spent };
  const inputBytes = rare.inputBytes?.[index];
  if (inputBytes !== undefined) stage.inputBytes = inputBytes;
  const outputBytes = rare.outputBytes?.[index];
  if (outputBytes !== undefined) stage.outputBytes = outputBytes;
  if (rare.children !== undefined) {
    const parts = partsOf(frame, index);
    if (parts.length > 0) stage.stages = parts;
  }
  return stage;
}

/** The stages of the frames that ran as part of a stage. */
function partsOf(frame: Frame, index: number): StageReport[] {
  const children = frame.rare?.children?.filter((child) => child.place?.index === index);
  return children?.flatMap(stagesOf) ?? [];
}

function stageStatus(frame: Frame, index: number): StageStatus {
  if (frame.rare?.passed?.[index] !== undefined) return "passed";
  if (index < frame.index) return "success";
  if (frame.status === "running") return index === frame.index ? "running" : "pending";
  if (frame.status === "pending") return "pending";
  // Ended before it began: all that it has is the moment of its end.
  if (frame.marks.length <= index + 1) return "skipped";
  if (index > frame.index) return "skipped";
  return frame.status === "cancelled" ? "cancelled" : "failed";
}
