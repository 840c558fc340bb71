import { AtomicError, type Context } from "@atomic-agents/core";

/** How long is waited for a model. */
export interface CallDeadlines {
  /** Until the first of the answer is there, in milliseconds; not while a model says that it thinks, and shows nothing of it. */
  readonly firstTokenMs: number;
  /** Between two parts of an answer that is streamed. */
  readonly idleMs: number;
  /** For all of an answer. */
  readonly timeoutMs: number;
}

/**
 * Watches over one call: its signal aborts, which closes the connection, when a deadline passes or nobody waits for the
 * run any more. `end` has to be called.
 */
export class CallWatch {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #modelId: string;
  readonly #ctx: Context;
  readonly #deadlines: CallDeadlines;
  readonly #total: { cancel: () => void };
  #waiting: { cancel: () => void } | undefined;
  /** Rejects when the signal aborts: a model that does not listen to it is left alone. */
  readonly ended: Promise<never>;
  readonly #onAbort: () => void;

  constructor(modelId: string, ctx: Context, deadlines: CallDeadlines, isStreamed: boolean) {
    this.#modelId = modelId;
    this.#ctx = ctx;
    this.#deadlines = deadlines;
    this.signal = this.#controller.signal;
    const { promise, reject } = Promise.withResolvers<never>();
    this.ended = promise;
    // It is only ever raced with; that nobody hears of it after the call is meant.
    promise.catch(() => undefined);
    this.signal.addEventListener("abort", () => reject(this.signal.reason as Error), { once: true });
    this.#onAbort = () => this.#controller.abort(ctx.signal.reason);
    ctx.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (ctx.signal.aborted) this.#onAbort();
    this.#total = this.#after(deadlines.timeoutMs, "has not finished its answer");
    // Of an answer that comes as one, nothing is heard before its end.
    if (isStreamed) this.#waiting = this.#after(deadlines.firstTokenMs, "has not begun to answer");
  }

  /** Something of the answer has come. */
  heard(): void {
    this.#waiting?.cancel();
    this.#waiting = this.#after(this.#deadlines.idleMs, "has said nothing more");
  }

  /** The model has said that it thinks: what it shows nothing of may take its time, up to the deadline for all of the answer. */
  thinks(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  end(): void {
    this.#total.cancel();
    this.#waiting?.cancel();
    this.#ctx.signal.removeEventListener("abort", this.#onAbort);
  }

  /** Closes what the call has open. */
  abort(): void {
    this.#controller.abort(new Error("the call is over"));
  }

  #after(timeoutMs: number, what: string): { cancel: () => void } {
    return this.#ctx.clock.setTimer(() => {
      const message = `Model "${this.#modelId}" ${what} within ${timeoutMs} ms`;
      const details = { scope: "attempt", timeoutMs } as const;
      const hint = "Raise the deadline, or name a second model to fall back to.";
      this.#controller.abort(new AtomicError("TIMEOUT", message, { details, hint }));
    }, timeoutMs);
  }
}
