import type { Frame } from "./frame.ts";
import type { Step } from "./program.ts";
import type { RunReport, StageReport, StageStatus } from "./report.ts";

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
    status,
    startedAtMs: root.timestampMs,
    durationMs: endMs - startMs,
    stages: stagesOf(frame),
  };
  if (error !== undefined) report.error = error;
  return report;
}

function stagesOf(frame: Frame): StageReport[] {
  const { steps, staged } = frame.program;
  if (staged) return steps.map((step, index) => stageOf(frame, step, index));
  // A composed agent that is run by itself has one step, which would only repeat its parts.
  return steps.flatMap((step, index) => {
    const stage = stageOf(frame, step, index);
    return stage.stages ?? [stage];
  });
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
    durationMs: isReached ? endMs - beganMs : 0,
  };
  if (status === "failed" || status === "cancelled") {
    if (frame.error !== undefined) stage.error = frame.error;
  } else if (rare !== undefined) {
    const passed = rare.passed?.[index];
    if (passed !== undefined) stage.error = passed;
  }
  if (rare?.children !== undefined) {
    const children = rare.children.filter((child) => child.place?.index === index).flatMap(stagesOf);
    if (children.length > 0) stage.stages = children;
  }
  return stage;
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
