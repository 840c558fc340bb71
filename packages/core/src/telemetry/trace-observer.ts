import type { AtomicError } from "../errors/atomic-error.ts";
import type { Log } from "../log.ts";
import type { Frame } from "../run/frame.ts";
import type { Step } from "../run/program.ts";
import type { StageStatus } from "../run/report.ts";
import type { Scope } from "../run/scope.ts";
import { GuardedTracer } from "./guard-tracer.ts";
import { attemptsOf, hasStages, type Observer } from "./observer.ts";
import type { TraceContext } from "./trace-context.ts";
import type { Span, SpanStart, Tracer } from "./tracer.ts";

/** The spans of a frame. */
interface FrameSpans {
  /** Stays when it has ended: what is undone late still belongs to it. */
  run: Span | undefined;
  /** Those of the stage and of the attempt that are open. */
  stage: Span | undefined;
  attempt: Span | undefined;
  /** That of the attempt before, while the next one is waited for. */
  failedAttempt: Span | undefined;
}

/** Makes spans of what happens. */
export class TraceObserver implements Observer {
  private readonly tracer: GuardedTracer;

  constructor(tracer: Tracer, log: Log) {
    this.tracer = new GuardedTracer(tracer, log);
  }

  begin(frame: Frame): void {
    if (!isTraced(frame)) return;
    const spans: FrameSpans = {
      run: undefined,
      stage: undefined,
      attempt: undefined,
      failedAttempt: undefined,
    };
    frame.observed = spans;
    const startMs = wallMs(frame, frame.startMs);
    if (frame.place === undefined) spans.run = this.start(frame, runStart(frame, startMs));
    if (frame.hasEnded) return;
    if (frame.place?.isUndo === true) spans.attempt = this.start(frame, undoStart(frame, startMs));
    else this.startStage(frame, spans, startMs);
  }

  within(frame: Frame, step: Step, input: unknown, scope: Scope): unknown {
    // Also where the frame has no span of its own: an alarm may have brought it here, in the context of another run.
    const span = spanAt(frame);
    if (span === undefined) return step.execute(input, scope);
    return this.tracer.within(span, () => step.execute(input, scope));
  }

  next(frame: Frame): void {
    const spans = spansOf(frame);
    if (spans === undefined) return;
    const index = frame.index - 1;
    const endMs = wallMs(frame, frame.marks[frame.index] ?? frame.startMs);
    const passed = frame.rare?.passed?.[index];
    this.endStage(frame, spans, index, endMs, passed, passed === undefined ? "success" : "passed");
    if (!frame.hasEnded) this.startStage(frame, spans, endMs);
  }

  retry(frame: Frame, error: AtomicError): void {
    const spans = spansOf(frame);
    if (spans === undefined) return;
    spans.failedAttempt = spans.attempt;
    spans.attempt = undefined;
    this.tracer.end(spans.failedAttempt, wallMs(frame, frame.env.clock.now()), error);
  }

  resume(frame: Frame): void {
    const spans = spansOf(frame);
    if (spans !== undefined) this.startAttempt(frame, spans, wallMs(frame, frame.env.clock.now()));
  }

  fail(frame: Frame, error: AtomicError): void {
    const spans = spansOf(frame);
    if (spans === undefined) return;
    const endMs = wallMs(frame, frame.marks.at(-1) ?? frame.startMs);
    const status = error.code === "CANCELLED" ? "cancelled" : "failed";
    this.endStage(frame, spans, frame.index, endMs, error, status);
  }

  end(frame: Frame): void {
    if (frame.place !== undefined) return;
    const spans = spansOf(frame);
    // A run that was cancelled before it began has a span all the same.
    if (spans === undefined) this.start(frame, runStart(frame, wallMs(frame, frame.startMs)));
    else this.endRun(frame, spans.run);
  }

  trace(frame: Frame): TraceContext | undefined {
    return this.tracer.traceOf(spanAt(frame));
  }

  private startStage(frame: Frame, spans: FrameSpans, startMs: number): void {
    const step = frame.program.steps[frame.index];
    if (step === undefined) return;
    spans.stage = this.start(frame, {
      name: `stage ${step.id}`,
      parent: spans.run ?? spanAround(frame),
      attributes: { "atomic.stage": frame.pathOf(frame.index) || step.id, "atomic.agent": step.agent },
      startMs,
    });
    if (!frame.hasEnded) this.startAttempt(frame, spans, startMs);
  }

  private startAttempt(frame: Frame, spans: FrameSpans, startMs: number): void {
    const { failedAttempt } = spans;
    spans.failedAttempt = undefined;
    spans.attempt = this.start(frame, {
      name: `attempt ${frame.attempt}`,
      parent: spanAt(frame),
      attributes: { "atomic.attempt": frame.attempt },
      links: failedAttempt === undefined ? undefined : [failedAttempt],
      startMs,
    });
  }

  private endStage(
    frame: Frame,
    spans: FrameSpans,
    index: number,
    endMs: number,
    error: AtomicError | undefined,
    status: StageStatus,
  ): void {
    const { stage, attempt } = spans;
    // Before the tracer is called: it may cancel the run, which would end them once more.
    spans.stage = undefined;
    spans.attempt = undefined;
    spans.failedAttempt = undefined;
    this.tracer.end(attempt, endMs, error);
    const attributes = { "atomic.status": status, "atomic.attempts": attemptsOf(frame, index) };
    this.tracer.end(stage, endMs, error, attributes);
  }

  private endRun(frame: Frame, span: Span | undefined): void {
    const attributes = { "atomic.status": frame.status };
    this.tracer.end(span, wallMs(frame, frame.env.clock.now()), frame.error, attributes);
  }

  /** Starts a span. The tracer may cancel the run meanwhile: then nobody else would end it. */
  private start(frame: Frame, start: SpanStart): Span | undefined {
    const span = this.tracer.startSpan(start);
    if (!frame.hasEnded) return span;
    if (start.parent === undefined) this.endRun(frame, span);
    else this.tracer.end(span, wallMs(frame, frame.env.clock.now()), frame.error);
    return undefined;
  }
}

function runStart(frame: Frame, startMs: number): SpanStart {
  const { agent } = frame.program;
  const attributes = {
    "atomic.agent": agent,
    "atomic.run.id": frame.runId,
    "atomic.request.id": frame.requestId,
  };
  const { trace } = frame.env.options;
  const start = { name: `run ${agent}`, parent: undefined, attributes, startMs };
  return trace === undefined ? start : { ...start, trace };
}

function undoStart(frame: Frame, startMs: number): SpanStart {
  const { agent } = frame.program;
  const attributes = { "atomic.stage": frame.pathOf(0) || agent, "atomic.agent": agent };
  return { name: `undo ${agent}`, parent: spanAround(frame), attributes, startMs };
}

/** Whether a frame has spans. Items of an array are too many to have them, and so is what is undone of them. */
function isTraced(frame: Frame): boolean {
  const { place } = frame;
  if (place?.isUndo === true) return place.parent.place?.isShown !== false;
  return hasStages(frame) && place?.isShown !== false;
}

function spansOf(frame: Frame): FrameSpans | undefined {
  // Only ever set by `begin` above.
  return frame.observed as FrameSpans | undefined;
}

/** The innermost span that is open where a frame stands. */
function spanAt(frame: Frame): Span | undefined {
  const spans = spansOf(frame);
  return spans?.attempt ?? spans?.stage ?? spans?.run ?? spanAround(frame);
}

/** The innermost span that is open around a frame. */
function spanAround({ place }: Frame): Span | undefined {
  return place === undefined ? undefined : spanAt(place.parent);
}

/** On one scale for the whole run, whatever the computer's clock does meanwhile. */
function wallMs(frame: Frame, momentMs: number): number {
  const outermost = frame.place?.outermost ?? frame;
  return outermost.timestampMs + (momentMs - outermost.startMs);
}
