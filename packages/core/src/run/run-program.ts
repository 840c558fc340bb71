import type { Context } from "../context.ts";
import type { AtomicError } from "../errors/atomic-error.ts";
import { asAtomicError } from "../errors/to-atomic-error.ts";
import { failed, type Result } from "../result.ts";
import { defaultEnv, type Env, envOf } from "./env.ts";
import { Frame } from "./frame.ts";
import { GuardedClock } from "./guarded-clock.ts";
import { addLive } from "./live-frames.ts";
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
    return Promise.reject(asAtomicError(thrown));
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
    (error: unknown) => failed(asAtomicError(error)),
  );
}

/** Its `then` costs less than `queueMicrotask`, which keeps books for async hooks. */
const aPromise = /* @__PURE__ */ Promise.resolve();

/**
 * Begins a program one microtask later, so that the caller holds the handle before anything happens.
 *
 * @throws AtomicError `CONFIG` for options that make no sense; `CANCELLED` for a context that has ended
 */
export function startProgram(
  program: () => Program,
  input: unknown,
  options: RunOptionsOrContext | undefined,
): Run<unknown> {
  const journal = new Journal();
  const scope = scopeOf(options);
  let frame: Frame;
  if (scope === undefined) {
    frame = outermostFrame(program(), envOf(options), journal);
  } else {
    frame = scope["~frame"].spawn(scope, program(), undefined, true, journal, true);
    journal.open(frame);
    addLive(scope["~frame"], frame);
  }
  journal.beginLater(
    aPromise.then(() => {
      if (frame.status === "pending") frame.begin(input);
      return journal.begun();
    }),
  );
  return new Run(frame, journal);
}

function runWith(program: Program, input: unknown, options: RunOptionsOrContext): Promise<unknown> {
  const scope = scopeOf(options);
  if (scope !== undefined) {
    const { journal } = scope["~frame"];
    const frame = scope["~frame"].spawn(scope, program, undefined, true, journal, true);
    return begun(frame, input);
  }
  const own = options as RunOptions;
  const env = envOf(own);
  const frame = outermostFrame(program, env, own.store === undefined ? undefined : new Journal());
  return frame.error === undefined ? begun(frame, input) : outcomeOf(frame, frame.error);
}

function outermostFrame(program: Program, env: Env, journal: Journal | undefined): Frame {
  const frame = new Frame(program, env, undefined, journal);
  journal?.open(frame);
  if (env.clock instanceof GuardedClock) env.clock.watch(frame);
  if (env.options.signal !== undefined) listen(frame, env.options.signal);
  return frame;
}

function begun(frame: Frame, input: unknown): Promise<unknown> {
  frame.begin(input);
  return outcomeOf(frame, frame.error);
}

/** The outcome of a frame that has begun or has ended before it could. */
function outcomeOf(frame: Frame, error: AtomicError | undefined): Promise<unknown> {
  if (!frame.isTold) return frame.promise();
  return error === undefined ? Promise.resolve(frame.value) : Promise.reject(error);
}

/** Cancels the frame when the signal aborts, and forgets the signal when the frame ends. */
function listen(frame: Frame, signal: AbortSignal): void {
  if (signal.aborted) {
    frame.cancel(signal.reason);
    return;
  }
  const onAbort = () => frame.cancel(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  frame.whenEnded(() => signal.removeEventListener("abort", onAbort));
}

/** The context, when that is what was given as options; a copy of one is not. */
function scopeOf(options: RunOptionsOrContext | undefined): Scope | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  return "~frame" in options && "endScope" in options ? (options as Context as Scope) : undefined;
}
