import type { Context } from "../context.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { toAtomicError } from "../errors/to-atomic-error.ts";
import { failed, type Result } from "../result.ts";
import { defaultEnv, envOf } from "./env.ts";
import { Frame } from "./frame.ts";
import { Journal } from "./journal.ts";
import type { RunOptions, RunOptionsOrContext } from "./options.ts";
import type { Program } from "./program.ts";
import { Run } from "./run.ts";
import type { Scope } from "./scope.ts";

/** Runs a program; rejects with an `AtomicError`. */
export function runProgram(
  program: () => Program,
  input: unknown,
  options: RunOptionsOrContext | undefined,
): Promise<unknown> {
  try {
    if (options !== undefined) return runWith(program(), input, options);
    const frame = new Frame(program(), defaultEnv, undefined, undefined);
    return begun(frame, input);
  } catch (thrown) {
    return Promise.reject(toAtomicError(thrown));
  }
}

/** Runs a program and gives its outcome as a value. */
export function tryRunProgram(
  program: () => Program,
  input: unknown,
  options: RunOptionsOrContext | undefined,
): Promise<Result<unknown>> {
  return runProgram(program, input, options).then(
    (output) => ({ ok: true, output }),
    (error: unknown) => failed(toAtomicError(error)),
  );
}

/** Begins a program one microtask later, so that the caller holds the handle before anything happens. */
export function startProgram(
  program: () => Program,
  input: unknown,
  options: RunOptionsOrContext | undefined,
): Run<unknown> {
  const scope = scopeOf(options);
  const own = scope === undefined ? (options as RunOptions | undefined) : partOf(scope);
  const journal = new Journal();
  const frame = new Frame(program(), envOf(own), undefined, journal);
  journal.open(frame);
  const run = new Run(frame, journal);
  listen(frame, own?.signal);
  queueMicrotask(() => {
    if (frame.status === "pending") frame.begin(input);
  });
  return run;
}

function runWith(program: Program, input: unknown, options: RunOptionsOrContext): Promise<unknown> {
  const scope = scopeOf(options);
  if (scope !== undefined) {
    const frame = scope["~frame"].spawn(scope, program, undefined, true);
    return begun(frame, input);
  }
  const own = options as RunOptions;
  const frame = new Frame(program, envOf(own), undefined, undefined);
  if (own.signal !== undefined) listen(frame, own.signal);
  if (frame.error !== undefined) return Promise.reject(frame.error);
  return begun(frame, input);
}

function begun(frame: Frame, input: unknown): Promise<unknown> {
  frame.begin(input);
  if (frame.status === "success") return Promise.resolve(frame.value);
  if (frame.error !== undefined) return Promise.reject(frame.error);
  return frame.promise();
}

/** Cancels the frame when the signal aborts, and forgets the signal when the frame ends. */
function listen(frame: Frame, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (signal.aborted) {
    frame.cancel(signal.reason);
    return;
  }
  const onAbort = () => frame.cancel(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  frame.whenEnded(() => signal.removeEventListener("abort", onAbort));
}

/** The context, when that is what was given as options. */
function scopeOf(options: RunOptionsOrContext | undefined): Scope | undefined {
  if (typeof options !== "object" || options === null || !("~frame" in options)) return undefined;
  // Contexts are only ever made as scopes.
  return options as Context as Scope;
}

/** A run of its own that is bounded by the context it is started from. */
function partOf(context: Scope): RunOptions {
  const { signal, clock, random, log, budget, requestId, userId, sessionId, metadata, deadline } = context;
  const leftMs = deadline === undefined ? undefined : Math.max(1, deadline - clock.now());
  if (context.ended !== undefined) throw cancelledBy(context);
  return { signal, clock, random, log, budget, requestId, userId, sessionId, metadata, timeoutMs: leftMs };
}

function cancelledBy(context: Scope): unknown {
  const reason = context.ended?.reason;
  return AtomicError.isInstance(reason) ? reason : toAtomicError(reason);
}
