import type { Context } from "@atomic-agents/core";
import type { ScriptedCall } from "./scripted-call.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A call that has begun. */
export interface OpenCall<TInput> {
  readonly call: ScriptedCall<TInput>;
  /** Does the work, and writes down when and how it ends. */
  readonly during: (work: () => unknown) => unknown;
}

/** Who called when, and how it ended. */
export class CallLog<TInput> {
  readonly calls: ScriptedCall<TInput>[] = [];
  running = 0;
  maxConcurrent = 0;

  begin(input: TInput, ctx: Context): OpenCall<TInput> {
    const { clock, signal } = ctx;
    const call: Writable<ScriptedCall<TInput>> = {
      index: this.calls.length,
      input,
      runId: ctx.runId,
      requestId: ctx.requestId,
      startedAtMs: clock.now(),
      endedAtMs: undefined,
      outcome: "running",
      aborted: signal.aborted,
      abortedAtMs: signal.aborted ? clock.now() : undefined,
    };
    this.calls.push(call);
    this.running++;
    this.maxConcurrent = Math.max(this.maxConcurrent, this.running);
    const onAbort = () => {
      call.aborted = true;
      call.abortedAtMs = clock.now();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const end = (outcome: "returned" | "threw") => {
      signal.removeEventListener("abort", onAbort);
      call.outcome = outcome;
      call.endedAtMs = clock.now();
      this.running--;
    };
    return { call, during: (work) => during(work, end) };
  }
}

function during(work: () => unknown, end: (outcome: "returned" | "threw") => void): unknown {
  const onReturned = (value: unknown): unknown => {
    end("returned");
    return value;
  };
  const onThrown = (thrown: unknown): never => {
    end("threw");
    throw thrown;
  };
  let value: unknown;
  try {
    value = work();
  } catch (thrown) {
    return onThrown(thrown);
  }
  // A foreign thenable may call back twice, or throw: a promise of our own takes that in.
  return isThenable(value) ? Promise.resolve(value).then(onReturned, onThrown) : onReturned(value);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
