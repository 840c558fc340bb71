import type { Frame } from "./frame.ts";
import type { RunReport, StageReport, StageStatus } from "./report.ts";

/** The report of a run as it stands, derived from what its frames keep. */
export function reportOf(frame: Frame): RunReport {
  const { root, status, error, startMs } = frame;
  const endMs = frame.hasEnded ? (frame.marks.at(-1) ?? startMs) : frame.env.clock.now();
  return {
    runId: root.runId,
    requestId: root.requestId,
    agent: frame.program.agent,
    status,
    startedAtMs: root.timestampMs,
    durationMs: endMs - startMs,
    stages: stagesOf(frame),
    ...(error === undefined ? {} : { error }),
  };
}

function stagesOf(frame: Frame): StageReport[] {
  const stages: StageReport[] = [];
  for (let index = 0; index < frame.program.steps.length; index++) {
    const stage = stageOf(frame, index);
    // A composed agent that is run by itself has one step, which would only repeat it.
    if (!frame.program.staged && stage.stages !== undefined) stages.push(...stage.stages);
    else stages.push(stage);
  }
  return stages;
}

function stageOf(frame: Frame, index: number): StageReport {
  const { marks, program } = frame;
  const step = program.steps[index];
  const status = stageStatus(frame, index);
  const beganMs = marks[index];
  const endMs = marks[index + 1] ?? (frame.hasEnded ? beganMs : frame.env.clock.now());
  const reached = beganMs !== undefined && status !== "skipped" && status !== "pending";
  const children = frame.rare?.children?.filter((child) => child.place?.index === index).flatMap(stagesOf);
  const error = status === "failed" || status === "cancelled" ? frame.error : frame.rare?.passed?.[index];
  return {
    id: frame.place?.label ?? step?.id ?? "",
    agent: step?.agent ?? "",
    status,
    attempts: reached ? (frame.rare?.attempts?.[index] ?? 1) : 0,
    durationMs: reached && endMs !== undefined ? endMs - beganMs : 0,
    ...(error === undefined ? {} : { error }),
    ...(children === undefined || children.length === 0 ? {} : { stages: children }),
  };
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
