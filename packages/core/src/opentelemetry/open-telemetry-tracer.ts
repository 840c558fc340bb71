import type { Context, Span as ApiSpan, Tracer as ApiTracer, TracerProvider } from "@opentelemetry/api";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import type { TraceContext } from "../telemetry/trace-context.ts";
import type { Span, SpanAttributes, SpanStart, Tracer } from "../telemetry/tracer.ts";
import { hrTimeOf } from "./hr-time.ts";
import { loadApi, type OpenTelemetryApi } from "./load-api.ts";

/** How runs are bound to OpenTelemetry. */
export interface OpenTelemetryTracerOptions {
  /** Where the spans go; the provider that is registered globally when absent, also one that is registered later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** The name of the instrumentation scope; `@atomic-agents/core` unless said otherwise. */
  readonly name?: string | undefined;
}

const what = "openTelemetryTracer";

/**
 * A tracer that gives a run's spans to OpenTelemetry (an optional peer: `npm install @opentelemetry/api`, and an SDK).
 * Give it to a run as `tracer`; one serves any number of runs.
 *
 * The run's span is a child of the span that is active where the run is begun; that of a run which another process has
 * asked for, with `trace`, a child of the span there, of the kind SERVER. Stages are children of the run, or of the
 * attempt that they are part of; attempts are children of their stage, and each retry links to the attempt that failed
 * before it. While an agent works its attempt's span is active, so that what its own code traces becomes a child; that
 * needs the context manager which every SDK for Node.js brings. Baggage and whatever else the active context holds at
 * the run's beginning stays with the run.
 *
 * What failed or was cancelled has the status ERROR, the attribute `error.type` with the error's code, and an event
 * `exception` with code and message; neither stack nor details leave the process. Nothing of inputs and outputs is
 * written, unless an agent puts it in its messages: of a value that breaks a contract only where it does.
 *
 * @throws AtomicError `CONFIG` for a wrong option, or where `@opentelemetry/api` is not installed
 * @example
 * ```ts
 * import { openTelemetryTracer } from "@atomic-agents/core/opentelemetry";
 * import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
 *
 * const exporter = new InMemorySpanExporter();
 * const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * await shout.run("hello", { tracer: openTelemetryTracer({ tracerProvider }) });
 * console.log(exporter.getFinishedSpans().map(({ name }) => name));
 * // => [ "attempt 1", "stage shout", "run shout" ]
 * ```
 */
export function openTelemetryTracer(options: OpenTelemetryTracerOptions = {}): Tracer {
  checkKeys(what, options, ["tracerProvider", "name"]);
  const { tracerProvider, name = "@atomic-agents/core" } = options;
  if (tracerProvider !== undefined && typeof tracerProvider?.getTracer !== "function") {
    throw configError(what, "tracerProvider", "a TracerProvider of OpenTelemetry", tracerProvider);
  }
  if (typeof name !== "string" || name === "") throw configError(what, "name", "a text", name);
  const api = loadApi(what);
  // Asked for each run: what another copy of the API registers later would not reach a tracer that is kept.
  const tracerOf = (): ApiTracer => (tracerProvider ?? api.trace).getTracer(name);
  return {
    startSpan: (start) => startSpan(start, api, tracerOf),
    within: (span, work) => (span instanceof OpenTelemetrySpan ? span.around(work) : work()),
  };
}

function startSpan(start: SpanStart, api: OpenTelemetryApi, tracerOf: () => ApiTracer): OpenTelemetrySpan {
  const { name, parent, trace, attributes, links, startMs } = start;
  const isOurs = parent instanceof OpenTelemetrySpan;
  const tracer = isOurs ? parent.tracer : tracerOf();
  const isRemote = !isOurs && trace !== undefined;
  const around = isOurs ? parent.context : isRemote ? contextAt(trace, api) : api.context.active();
  const startTime = hrTimeOf(startMs);
  const kind = isRemote ? api.SpanKind.SERVER : api.SpanKind.INTERNAL;
  const span = tracer.startSpan(
    name,
    links === undefined
      ? { kind, attributes, startTime }
      : { kind, attributes, startTime, links: linksTo(links) },
    around,
  );
  return new OpenTelemetrySpan(span, api.trace.setSpan(around, span), tracer, api);
}

/** The active context, with a span of another process as the active one. */
function contextAt({ traceId, spanId, flags, state }: TraceContext, api: OpenTelemetryApi): Context {
  const spanContext = { traceId, spanId, traceFlags: flags, isRemote: true };
  const active = api.context.active();
  return api.trace.setSpanContext(
    active,
    state === undefined ? spanContext : { ...spanContext, traceState: api.createTraceState(state) },
  );
}

function linksTo(spans: readonly Span[]) {
  return spans
    .filter((span) => span instanceof OpenTelemetrySpan)
    .map((span) => ({ context: span.span.spanContext() }));
}

/** A span, with the context in which it is the active one. */
class OpenTelemetrySpan implements Span {
  readonly span: ApiSpan;
  readonly context: Context;
  readonly tracer: ApiTracer;
  private readonly api: OpenTelemetryApi;

  constructor(span: ApiSpan, context: Context, tracer: ApiTracer, api: OpenTelemetryApi) {
    this.span = span;
    this.context = context;
    this.tracer = tracer;
    this.api = api;
  }

  get trace(): TraceContext | undefined {
    const spanContext = this.span.spanContext();
    if (!this.api.isSpanContextValid(spanContext)) return undefined;
    const { traceId, spanId, traceFlags: flags, traceState } = spanContext;
    const state = traceState?.serialize() ?? "";
    return { traceId, spanId, flags, ...(state === "" ? {} : { state }) };
  }

  /** Does the work with this span as the active one. */
  around<TResult>(work: () => TResult): TResult {
    return this.api.context.with(this.context, work);
  }

  end(endMs: number, error: AtomicError | undefined, attributes?: SpanAttributes): void {
    const { span } = this;
    const endTime = hrTimeOf(endMs);
    // One that was not sampled keeps nothing.
    if (span.isRecording()) {
      if (attributes !== undefined) span.setAttributes(attributes);
      if (error !== undefined) {
        const { code } = error;
        const message = messageOf(error);
        span.setAttribute("error.type", code);
        span.addEvent("exception", { "exception.type": code, "exception.message": message }, endTime);
        span.setStatus({ code: this.api.SpanStatusCode.ERROR, message });
      }
    }
    span.end(endTime);
  }
}

/** The error's message; of a value that breaks a contract only where and what, for the message itself quotes the value. */
function messageOf(error: AtomicError): string {
  if (!AtomicError.isInstance(error, "VALIDATION_INPUT", "VALIDATION_OUTPUT")) return error.message;
  const side = error.code === "VALIDATION_INPUT" ? "input" : "output";
  const places = error.details.issues.map(({ path }) => (path === "" ? "the value" : path));
  return `The ${side} of "${error.agent ?? "an agent"}" breaks its contract at ${places.join(", ")}`;
}
