import type { AtomicError } from "../errors/atomic-error.ts";
import type { Log } from "../log.ts";
import { isThenable } from "../maybe-promise.ts";
import type { TraceContext } from "./trace-context.ts";
import type { Span, SpanAttributes, SpanStart, Tracer } from "./tracer.ts";

/** The tracers whose failure was said. */
const said = new WeakSet<Tracer>();

/**
 * What a run asks of a tracer, without harm from one that fails: it never throws, and work is done exactly once and
 * comes to what it comes to, whatever the tracer does with it. The first failure of a tracer in the process goes to the
 * log; later ones would only repeat it.
 */
export class GuardedTracer {
  private readonly tracer: Tracer;
  private readonly log: Log;

  constructor(tracer: Tracer, log: Log) {
    this.tracer = tracer;
    this.log = log;
  }

  startSpan(start: SpanStart): Span | undefined {
    try {
      const span: unknown = this.tracer.startSpan(start);
      if (isSpan(span)) return span;
      if (isThenable(span)) span.then(undefined, () => {});
      throw new TypeError("startSpan gave no span");
    } catch (thrown) {
      this.say("startSpan", thrown);
      return undefined;
    }
  }

  end(
    span: Span | undefined,
    endMs: number,
    error: AtomicError | undefined,
    attributes?: SpanAttributes,
  ): void {
    if (span === undefined) return;
    try {
      const returned: unknown = span.end(endMs, error, attributes);
      if (isThenable(returned)) returned.then(undefined, (thrown: unknown) => this.say("end", thrown));
    } catch (thrown) {
      this.say("end", thrown);
    }
  }

  traceOf(span: Span | undefined): TraceContext | undefined {
    try {
      return span?.trace;
    } catch (thrown) {
      this.say("trace", thrown);
      return undefined;
    }
  }

  within(span: Span, work: () => unknown): unknown {
    const once = new Once(work);
    try {
      const returned: unknown = this.tracer.within(span, once.call);
      // What came of the work is handed on below; of another promise nobody would catch the failure.
      if (returned !== once.output && isThenable(returned)) {
        const isCalled = once.isCalled;
        returned.then(undefined, (thrown: unknown) => {
          if (!isCalled) this.say("within", thrown);
        });
      }
      if (!once.isCalled) this.say("within", new TypeError("within did not do the work"));
    } catch (thrown) {
      if (!once.hasThrown || thrown !== once.thrown) this.say("within", thrown);
    }
    return once.call();
  }

  private say(method: keyof Tracer | keyof Span, thrown: unknown): void {
    if (said.has(this.tracer)) return;
    said.add(this.tracer);
    try {
      this.log.warn("A tracer failed; spans are missing, and what else it fails at is not said", {
        method,
        error: thrown,
      });
    } catch {
      // A log that fails too leaves nobody to tell.
    }
  }
}

/** Work that is done when it is first called; every call comes to the same. */
class Once {
  isCalled = false;
  hasThrown = false;
  output: unknown = undefined;
  thrown: unknown = undefined;
  readonly call: () => unknown;

  constructor(work: () => unknown) {
    this.call = () => {
      if (!this.isCalled) {
        this.isCalled = true;
        try {
          this.output = work();
        } catch (thrown) {
          this.hasThrown = true;
          this.thrown = thrown;
        }
      }
      if (this.hasThrown) throw this.thrown;
      return this.output;
    };
  }
}

function isSpan(value: unknown): value is Span {
  return typeof value === "object" && value !== null && typeof (value as Span).end === "function";
}
