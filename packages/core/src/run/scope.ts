import type { Budget } from "../budget.ts";
import type { Context, Metadata } from "../context.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../time/clock.ts";
import type { Frame } from "./frame.ts";

/**
 * The context as an agent's code sees it. One is shared by the stages of a frame; an attempt that was given up on
 * keeps its own, whose signal stays aborted, and the next attempt gets a new one.
 */
export class Scope implements Context {
  /** Where this context belongs to. Not part of the public interface. */
  readonly "~frame": Frame;
  #controller: AbortController | undefined = undefined;
  /** Set when nobody waits for what runs with this context any more. */
  ended: { readonly reason: unknown } | undefined = undefined;

  constructor(frame: Frame) {
    this["~frame"] = frame;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.ended !== undefined) this.#controller.abort(this.ended.reason);
    }
    return this.#controller.signal;
  }

  /** Gives up on what runs with this context. */
  end(reason: unknown): void {
    if (this.ended !== undefined) return;
    this.ended = { reason };
    this.#controller?.abort(reason);
  }

  get runId(): string {
    return this["~frame"].root.runId;
  }

  get requestId(): string {
    return this["~frame"].root.requestId;
  }

  get timestamp(): Date {
    return this["~frame"].root.timestamp;
  }

  get userId(): string | undefined {
    return this["~frame"].root.options.userId;
  }

  get sessionId(): string | undefined {
    return this["~frame"].root.options.sessionId;
  }

  get metadata(): Metadata {
    return this["~frame"].root.options.metadata ?? noMetadata;
  }

  get deadline(): number | undefined {
    return this["~frame"].deadline();
  }

  get budget(): Budget {
    return this["~frame"].root.budget;
  }

  get clock(): Clock {
    return this["~frame"].root.clock;
  }

  get random(): () => number {
    return this["~frame"].root.random;
  }

  get log(): Log {
    return this["~frame"].root.log;
  }

  get emit(): (name: string, data?: unknown) => void {
    return (name, data) => {
      if (this.ended === undefined) this["~frame"].emit(name, data);
    };
  }

  /** What a debugger or `console.log(ctx)` shows: the public values, none of them made for the occasion. */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    const { runId, requestId, userId, sessionId, metadata, deadline } = this;
    return { runId, requestId, userId, sessionId, metadata, deadline };
  }
}

const noMetadata: Metadata = Object.freeze({});
