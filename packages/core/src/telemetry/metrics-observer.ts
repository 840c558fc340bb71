import type { AtomicError } from "../errors/atomic-error.ts";
import type { Frame } from "../run/frame.ts";
import type { Step } from "../run/program.ts";
import type { StageStatus } from "../run/report.ts";
import type { Scope } from "../run/scope.ts";
import { elapsedMs } from "../time/elapsed.ts";
import { attemptsOf, hasStages, type Observer } from "./observer.ts";
import type { MetricsCollector } from "./metrics.ts";

/** Tells a collector of every stage and run. */
export class MetricsObserver implements Observer {
  private readonly metrics: MetricsCollector;

  /** @param metrics must not throw */
  constructor(metrics: MetricsCollector) {
    this.metrics = metrics;
  }

  begin(): void {}

  within(_frame: Frame, step: Step, input: unknown, scope: Scope): unknown {
    return step.execute(input, scope);
  }

  next(frame: Frame): void {
    const index = frame.index - 1;
    const passed = frame.rare?.passed?.[index];
    this.tellStage(frame, index, passed === undefined ? "success" : "passed", passed);
  }

  retry(): void {}

  resume(): void {}

  fail(frame: Frame, error: AtomicError): void {
    this.tellStage(frame, frame.index, error.code === "CANCELLED" ? "cancelled" : "failed", error);
  }

  end(frame: Frame): void {
    if (frame.place !== undefined) return;
    const { status, error, program, startMs, endMs } = frame;
    const durationMs = elapsedMs(startMs, endMs);
    this.metrics.run({ agent: program.agent, status, durationMs, code: error?.code });
  }

  trace(): undefined {}

  private tellStage(frame: Frame, index: number, status: StageStatus, error: AtomicError | undefined): void {
    const step = frame.program.steps[index];
    if (step === undefined || !hasStages(frame)) return;
    const { marks } = frame;
    this.metrics.stage({
      pipeline: pipelineOf(frame),
      stage: step.id,
      agent: step.agent,
      status,
      durationMs: elapsedMs(marks[index] ?? 0, marks[index + 1] ?? 0),
      attempts: attemptsOf(frame, index),
      code: error?.code,
    });
  }
}

/** The name of the pipeline, or of the composed agent, that a frame's stages are in. */
function pipelineOf({ place, program }: Frame): string {
  // A part of a composed agent has a program that bears the part's own name.
  return place?.parent.program.isComposite === true && program.agent === program.steps[0]?.agent
    ? place.parent.program.agent
    : program.agent;
}
