import type { StageStatus } from "../run/report.ts";
import type { Frame } from "../run/frame.ts";
import { isStaged, type Observer } from "./observer.ts";
import type { MetricsCollector } from "./metrics.ts";

const nothing = (): void => {};

/** Tells a collector of every stage and run; it must not throw. */
export function metricsObserver(metrics: MetricsCollector): Observer {
  const tellStage = (frame: Frame, status: StageStatus): void => {
    if (!isStaged(frame) || frame.place?.isUndo === true) return;
    const { marks, index, attempt, program } = frame;
    const step = program.steps[index];
    if (step === undefined) return;
    const error = status === "success" ? undefined : (frame.rare?.passed?.[index] ?? frame.error);
    metrics.stage({
      pipeline: pipelineOf(frame),
      stage: step.id,
      agent: step.agent,
      status,
      durationMs: (marks[index + 1] ?? 0) - (marks[index] ?? 0),
      attempts: attempt,
      code: error?.code,
    });
  };
  return {
    begin: nothing,
    within: (_frame, step, input, scope) => step.execute(input, scope),
    next: (frame) => tellStage(frame, frame.rare?.passed?.[frame.index] === undefined ? "success" : "passed"),
    retry: nothing,
    resume: nothing,
    fail: (frame, error) => tellStage(frame, error.code === "CANCELLED" ? "cancelled" : "failed"),
    end: (frame) => {
      if (frame.place !== undefined) return;
      const { status, error, program, marks, startMs } = frame;
      const durationMs = (marks.at(-1) ?? startMs) - startMs;
      metrics.run({ agent: program.agent, status, durationMs, code: error?.code });
    },
  };
}

/** The name of the pipeline, or of the composed agent, that a stage is in. */
function pipelineOf(frame: Frame): string {
  const { place, program } = frame;
  if (place === undefined || program.agent !== program.steps[0]?.agent) return program.agent;
  // A part of a composed agent: its own program bears the part's name.
  return place.parent.program.agent;
}
