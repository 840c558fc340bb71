import type { Frame } from "./frame.ts";
import type { Step } from "./program.ts";
import type { RunReport, StageReport, StageSpending, StageStatus } from "./report.ts";
import { noMetadata } from "./root.ts";

/** Lets a report be made field by field: a spread for each optional one costs more than all the others. */
type Making<TReport> = { -readonly [K in keyof TReport]: TReport[K] };

/** The report of a run as it stands, derived from what its frames keep. */
export function reportOf(frame: Frame): RunReport {
  const { root, status, error, startMs } = frame;
  const endMs = frame.hasEnded ? (frame.marks.at(-1) ?? startMs) : frame.env.clock.now();
  const report: Making<RunReport> = {
    runId: root.runId,
    requestId: root.requestId,
    agent: frame.program.agent,
    status: status === "running" && root.waitingCount > 0 ? "waiting" : status,
    startedAtMs: root.timestampMs,
    durationMs: endMs - startMs,
    stages: stagesOf(frame),
  };
  if (error !== undefined && frame.isSettled) report.error = error;
  if (frame.rare?.spent !== undefined) report.spent = sumOf(frame.rare.spent);
  const { metadata } = root;
  if (metadata !== noMetadata) report.metadata = metadata;
  return report;
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
  const { steps, isComposite } = frame.program;
  if (!isComposite) return steps.map((step, index) => stageOf(frame, step, index));
  const parts = partsOf(frame, 0);
  // Within a stage a composed agent's own step would only repeat it; run by itself, it is all there is.
  if (parts.length > 0 || frame.place !== undefined) return parts;
  return steps.map((step, index) => stageOf(frame, step, index));
}

function stageOf(frame: Frame, step: Step, index: number): StageReport {
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
    atMs: isReached ? beganMs - outermostStartMs(frame) : 0,
    durationMs: isReached ? endMs - beganMs : 0,
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

function outermostStartMs(frame: Frame): number {
  return (frame.place?.outermost ?? frame).startMs;
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
