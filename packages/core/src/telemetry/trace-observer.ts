import type { AtomicError } from "../errors/atomic-error.ts";
import type { Log } from "../log.ts";
import type { Frame } from "../run/frame.ts";
import { wallTimeMs } from "../time/wall-time.ts";
import { isStaged, type Observer } from "./observer.ts";
import type { Span, SpanAttributes, SpanStart, Tracer } from "./tracer.ts";

/** The spans of a frame that are open. */
interface OpenSpans {
  run: Span | undefined;
  stage: Span | undefined;
  attempt: Span | undefined;
}

/** Makes spans of what happens; a tracer that throws is told of once, and the run goes on. */
export function traceObserver(tracer: Tracer, log: Log): Observer {
  let hasFailed = false;
  const safely = <TResult>(work: () => TResult): TResult | undefined => {
    try {
      return work();
    } catch (thrown) {
      if (!hasFailed) log.warn("The tracer throws; spans are missing", { error: thrown });
      hasFailed = true;
      return undefined;
    }
  };
  const start = (span: SpanStart): Span | undefined => safely(() => tracer.startSpan(span));
  const end = (
    span: Span | undefined,
    endMs: number,
    error?: AtomicError,
    attributes?: SpanAttributes,
  ): void => {
    if (span !== undefined) safely(() => span.end(endMs, error, attributes));
  };

  const startAttempt = (frame: Frame, spans: OpenSpans, startMs: number, failed?: Span): void => {
    spans.attempt = start({
      name: `attempt ${frame.attempt}`,
      parent: spans.stage,
      attributes: { "atomic.attempt": frame.attempt },
      links: failed === undefined ? undefined : [failed],
      startMs,
    });
  };
  const startStage = (frame: Frame, spans: OpenSpans, index: number, startMs: number): void => {
    const step = frame.program.steps[index];
    if (step === undefined) return;
    const stage = frame.pathOf(index) || step.id;
    spans.stage = start({
      name: `stage ${stage}`,
      parent: spans.run ?? spanAround(frame),
      attributes: { "atomic.stage": stage, "atomic.agent": step.agent },
      startMs,
    });
    startAttempt(frame, spans, startMs);
  };
  const endStage = (
    frame: Frame,
    spans: OpenSpans,
    endMs: number,
    error: AtomicError | undefined,
    status: string,
  ) => {
    end(spans.attempt, endMs, error);
    end(spans.stage, endMs, error, { "atomic.status": status, "atomic.attempts": frame.attempt });
    spans.attempt = undefined;
    spans.stage = undefined;
  };

  return {
    begin: (frame) => {
      if (!isTraced(frame)) return;
      const spans: OpenSpans = { run: undefined, stage: undefined, attempt: undefined };
      frame.observed = spans;
      const startMs = wallMs(frame, frame.startMs);
      if (frame.place === undefined) {
        const { runId, requestId } = frame.root;
        spans.run = start({
          name: `run ${frame.program.agent}`,
          parent: undefined,
          attributes: {
            "atomic.agent": frame.program.agent,
            "atomic.run.id": runId,
            "atomic.request.id": requestId,
          },
          startMs,
        });
      }
      startStage(frame, spans, 0, startMs);
    },
    within: (frame, step, input, scope) => {
      const span = spansOf(frame)?.attempt;
      if (span === undefined) return step.execute(input, scope);
      let isCalled = false;
      const work = (): unknown => {
        isCalled = true;
        return step.execute(input, scope);
      };
      try {
        return tracer.within(span, work);
      } catch (thrown) {
        if (isCalled) throw thrown;
        return step.execute(input, scope);
      }
    },
    next: (frame) => {
      const spans = spansOf(frame);
      if (spans === undefined) return;
      const endMs = wallMs(frame, frame.marks.at(-1) ?? frame.startMs);
      const passed = frame.rare?.passed?.[frame.index];
      endStage(frame, spans, endMs, passed, passed === undefined ? "success" : "passed");
      startStage(frame, spans, frame.index + 1, endMs);
    },
    retry: (frame, error) => {
      const spans = spansOf(frame);
      if (spans !== undefined) end(spans.attempt, wallMs(frame, frame.env.clock.now()), error);
    },
    resume: (frame) => {
      const spans = spansOf(frame);
      if (spans !== undefined) startAttempt(frame, spans, wallMs(frame, frame.env.clock.now()), spans.attempt);
    },
    fail: (frame, error) => {
      const spans = spansOf(frame);
      if (spans === undefined) return;
      const endMs = wallMs(frame, frame.marks.at(-1) ?? frame.startMs);
      endStage(frame, spans, endMs, error, error.code === "CANCELLED" ? "cancelled" : "failed");
    },
    end: (frame) => {
      const spans = spansOf(frame);
      if (spans?.run === undefined) return;
      end(spans.run, wallMs(frame, frame.env.clock.now()), frame.error, { "atomic.status": frame.status });
      spans.run = undefined;
    },
  };
}

/** Items of an array are too many to be shown one by one. */
function isTraced(frame: Frame): boolean {
  return isStaged(frame) && frame.place?.isShown !== false;
}

function spansOf(frame: Frame): OpenSpans | undefined {
  // Only ever set by `begin` above.
  return frame.observed as OpenSpans | undefined;
}

/** The span of the attempt that a frame runs in. */
function spanAround(frame: Frame): Span | undefined {
  let around = frame.place?.parent;
  while (around !== undefined) {
    const span = spansOf(around)?.attempt;
    if (span !== undefined) return span;
    around = around.place?.parent;
  }
  return undefined;
}

function wallMs(frame: Frame, momentMs: number): number {
  return wallTimeMs(frame.env.clock, momentMs);
}
