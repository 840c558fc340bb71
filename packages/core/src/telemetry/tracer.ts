import type { AtomicError } from "../errors/atomic-error.ts";
import type { TraceContext } from "./trace-context.ts";

/** What a span says about what it measures. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** How a span begins. */
export interface SpanStart {
  readonly name: string;
  /** Undefined for a run's own span: it belongs to `trace`, or else to whatever is current where the run was begun. */
  readonly parent: Span | undefined;
  /** Of a run's own span: the place in a trace of another process that has asked for the run. */
  readonly trace?: TraceContext | undefined;
  readonly attributes: SpanAttributes;
  /** Spans that it has to do with but is no part of, such as the attempt that failed before this one. */
  readonly links?: readonly Span[] | undefined;
  /** Milliseconds since 1970. */
  readonly startMs: number;
}

/** Something that took time. */
export interface Span {
  /** Where it stands in its trace, for who takes the trace on to another process; absent where tracers do not tell. */
  readonly trace?: TraceContext | undefined;
  /**
   * @param endMs milliseconds since 1970
   * @param error why it failed, when it did
   * @param attributes what is known only now
   */
  readonly end: (endMs: number, error: AtomicError | undefined, attributes?: SpanAttributes) => void;
}

/**
 * Where a run's spans go: one for the run, one for each stage, one for each attempt of a stage, and one for what is
 * undone. Runs that are given none make none, and pay nothing. `@atomic-agents/core/opentelemetry` binds it to
 * OpenTelemetry.
 *
 * A tracer is called synchronously, in the order in which things happen, and each span is ended once. One that throws
 * harms no run: spans are missing then, and the log says so once for each tracer.
 */
export interface Tracer {
  readonly startSpan: (start: SpanStart) => Span;
  /**
   * Does the work, at once, with the span as the current one, so that what the work itself traces becomes part of it.
   * What the work comes to is the work's affair: what this function gives or throws instead is not listened to.
   */
  readonly within: <TResult>(span: Span, work: () => TResult) => TResult;
}
