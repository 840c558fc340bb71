import { AtomicError } from "../errors/atomic-error.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Sleeper } from "../time/alarms.ts";
import type { Timer } from "../time/clock.ts";
import type { TimerWheel } from "../time/timer-wheel.ts";
import { entryKind, type Journal } from "./journal.ts";
import type { Program, Step } from "./program.ts";
import type { RunStatus } from "./report.ts";
import { reportOf } from "./report-of.ts";
import { retryDelayMs, wantsRetry } from "./retry.ts";
import type { Root } from "./root.ts";
import { Scope } from "./scope.ts";
import { belongsToRun, stageError, timeoutError, type Work, validationError } from "./stage-error.ts";

/** How far the current stage's attempt has come. */
const phase = { begin: 0, input: 1, execute: 2, output: 3 } as const;
type Phase = (typeof phase)[keyof typeof phase];

const works: readonly Work[] = ["input", "input", "execute", "output"];

/**
 * One execution of a program: the state machine that takes a value through the stages.
 *
 * It runs without awaiting while nothing has to be waited for. At the first thenable it turns into a *lane*, an
 * async loop that awaits one thing after the other. Whatever gives up on the lane (a deadline, a cancellation) raises
 * `generation`; the lane sees it when its await ends and leaves, so a late result never lands. That is why neither a
 * timeout nor a retry needs a promise of its own.
 *
 * Clock readings are taken once per stage boundary, in `marks`; events and report are derived from them.
 */
export class Frame implements Sleeper {
  readonly program: Program;
  readonly root: Root;
  readonly parent: Frame | undefined;
  /** At which stage of the parent this frame runs. */
  readonly parentIndex: number;
  /** Stands for the step's id in stage paths, where many frames run the same program. */
  readonly label: string | undefined;
  readonly journal: Journal | undefined;
  status: RunStatus = "pending";
  /** The context of the current attempt. */
  scope: Scope;
  /** The stage that is running, or the number of stages when all are done. */
  index = 0;
  /** The stage's attempt, counted from 1. */
  attempt = 1;
  /** When each stage began, then when the last one ended. */
  readonly marks: number[] = [];
  value: unknown = undefined;
  error: AtomicError | undefined = undefined;
  /** Attempts of stages that took more than one. */
  attempts: number[] | undefined = undefined;
  /** Errors of stages that passed their input on. */
  passed: (AtomicError | undefined)[] | undefined = undefined;
  /** Frames of composed stages, kept for the report. */
  children: Frame[] | undefined = undefined;
  resolve: ((value: unknown) => void) | undefined = undefined;
  reject: ((error: AtomicError) => void) | undefined = undefined;
  /** Called once at the end. */
  onEnd: (() => void) | undefined = undefined;

  // The place in the timer wheel; see Sleeper.
  dueMs = 0;
  wheel: TimerWheel | undefined = undefined;
  tick = 0;
  before: Sleeper | undefined = undefined;
  after: Sleeper | undefined = undefined;
  timer: Timer | undefined = undefined;

  #phase: Phase = phase.begin;
  #generation = 0;
  #stageInput: unknown = undefined;
  #attemptStartMs = 0;
  /** Waiting for the next attempt rather than for a stage. */
  #backingOff = false;
  /** The context of the parent's attempt that asked for this frame. */
  readonly #asked: Scope | undefined;
  /** Frames that wait for something, to be stopped with this one. */
  #live: Set<Frame> | undefined = undefined;

  constructor(
    program: Program,
    root: Root,
    asked: Scope | undefined,
    label: string | undefined,
    journal: Journal | undefined,
  ) {
    const parent = asked?.["~frame"];
    this.program = program;
    this.root = root;
    this.parent = parent;
    this.parentIndex = parent === undefined ? 0 : parent.index;
    this.label = label;
    this.journal = journal;
    this.#asked = asked;
    this.scope = new Scope(this);
  }

  /** Runs as far as possible without waiting; `status` says how far that was. */
  begin(input: unknown): void {
    this.status = "running";
    const nowMs = this.parent === undefined ? this.root.startMs : this.root.clock.now();
    this.marks.push(nowMs);
    this.#attemptStartMs = nowMs;
    this.journal?.write(entryKind.begin, this, 0, nowMs);
    this.#launch(input, phase.begin);
  }

  /** The promise of a frame that has begun and has to wait. */
  promise(): Promise<unknown> {
    this.parent?.watch(this);
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Begins, and gives the output, or a promise of it; throws the frame's error. */
  enter(input: unknown): unknown {
    this.begin(input);
    if (this.status === "success") return this.value;
    if (this.error !== undefined) throw this.error;
    return this.promise();
  }

  /**
   * A frame for an agent that runs as part of the current stage.
   *
   * @param keep whether the report shall show it
   * @throws AtomicError `CANCELLED` when the attempt that asks has ended
   */
  spawn(from: Scope, program: Program, label: string | undefined, keep: boolean): Frame {
    if (from.ended !== undefined) throw this.#cancelled(from.ended.reason);
    const child = new Frame(program, this.root, from, label, keep ? this.journal : undefined);
    if (keep) {
      this.children ??= [];
      this.children.push(child);
    }
    return child;
  }

  watch(child: Frame): void {
    this.#live ??= new Set();
    this.#live.add(child);
  }

  /** Ends the frame with `CANCELLED`; nothing happens when it has ended. */
  cancel(reason: unknown): void {
    if (this.#hasEnded()) return;
    this.#end(this.#cancelled(reason));
  }

  emit(name: string, data: unknown): void {
    const step = this.program.steps[this.index];
    if (this.journal === undefined || step === undefined) return;
    const stage = this.pathOf(this.index);
    this.journal.writeEvent(
      { type: "custom", stage, agent: step.agent, name, data },
      this.root.clock.now(),
    );
  }

  /** The stage ids from the outermost composed agent to this stage, joined by `/`. */
  pathOf(index: number): string {
    const above = this.parent === undefined ? "" : this.parent.pathOf(this.parentIndex);
    const own = this.label ?? (this.program.staged ? this.program.steps[index]?.id : undefined);
    if (own === undefined) return above;
    return above === "" ? own : `${above}/${own}`;
  }

  /** The latest moment at which a result of the current attempt is of use. */
  deadline(): number | undefined {
    let deadlineMs = this.root.deadlineMs;
    for (let frame: Frame | undefined = this; frame !== undefined; frame = frame.parent) {
      const step = frame.program.steps[frame.index];
      if (step !== undefined) deadlineMs = Math.min(deadlineMs, frame.#attemptStartMs + step.timeoutMs);
    }
    return deadlineMs === Number.POSITIVE_INFINITY ? undefined : deadlineMs;
  }

  /** Called by the alarm: a retry is due, an attempt has had its time, or the run has. */
  wake(): void {
    if (this.#hasEnded()) return;
    if (this.parent === undefined && this.dueMs >= this.root.deadlineMs) {
      this.#end(timeoutError(this, "run", this.root.deadlineMs - this.root.startMs));
      return;
    }
    if (this.#backingOff) {
      this.#backingOff = false;
      this.#attemptStartMs = this.root.clock.now();
      this.#launch(this.#stageInput, phase.begin);
      return;
    }
    const step = this.#step();
    if (this.#goesOn(timeoutError(this, "attempt", step.timeoutMs))) {
      this.#launch(this.#stageInput, phase.begin);
    }
  }

  /** Goes on from a value; begins a lane when something has to be waited for. */
  #launch(value: unknown, from: Phase): void {
    const pending = this.#advance(value, from);
    if (pending !== undefined) void this.#lane(pending);
  }

  /** Awaits one thing after the other until the frame has ended or was taken out of its hands. Never rejects. */
  async #lane(first: PromiseLike<unknown>): Promise<void> {
    let generation = this.#generation;
    let pending: PromiseLike<unknown> | undefined = first;
    while (pending !== undefined) {
      try {
        const value: unknown = await pending;
        if (this.#generation !== generation) return;
        pending = this.#advance(value, this.#phase);
        // A stage that was passed meanwhile raised it; this lane is the one that goes on.
        generation = this.#generation;
      } catch (thrown) {
        if (this.#generation !== generation) return;
        if (!this.#goesOn(stageError(this, thrown, works[this.#phase] ?? "execute"))) return;
        this.#launch(this.#stageInput, phase.begin);
        return;
      }
    }
  }

  /**
   * Takes a value through the stages until one has to be waited for, which is returned, or the frame has ended or
   * backs off. Never throws.
   */
  #advance(value: unknown, from: Phase): PromiseLike<unknown> | undefined {
    const { steps } = this.program;
    let at: Phase = from;
    for (;;) {
      const step = steps[this.index];
      if (step === undefined) {
        this.#finish(value);
        return undefined;
      }
      try {
        if (at === phase.begin) {
          this.#stageInput = value;
          if (step.input !== undefined) {
            at = phase.input;
            const checked = step.input.validate(value);
            if (checked instanceof Promise) return this.#wait(step, at, checked);
            value = checked;
          }
        }
        if (at === phase.input) {
          // What an input validator gave.
          const checked = value as Checked;
          if (checked.issues !== undefined) throw validationError(this, "input", this.#stageInput, checked.issues);
          value = checked.value;
        }
        if (at <= phase.input) {
          at = phase.execute;
          const generation = this.#generation;
          value = step.execute(value, this.scope);
          if (this.#generation !== generation || this.#isOrphan()) return this.#abandon(value);
          if (isThenable(value)) return this.#wait(step, at, value);
        }
        if (at === phase.execute && step.output !== undefined) {
          at = phase.output;
          const raw = value;
          const checked = step.output.validate(raw);
          if (checked instanceof Promise) {
            return this.#wait(step, at, checked.then((late) => ({ ...late, raw })));
          }
          if (checked.issues !== undefined) throw validationError(this, "output", raw, checked.issues);
          value = checked.value;
        } else if (at === phase.output) {
          // What `checked.then` above gave.
          const checked = value as Checked & { readonly raw: unknown };
          if (checked.issues !== undefined) {
            throw validationError(this, "output", checked.raw, checked.issues);
          }
          value = checked.value;
        }
      } catch (thrown) {
        if (!this.#goesOn(stageError(this, thrown, works[at] ?? "execute"))) return undefined;
        value = this.#stageInput;
        at = phase.begin;
        continue;
      }
      this.#nextStage();
      at = phase.begin;
    }
  }

  /** Whether the attempt that began this frame was given up on while the frame was running, not waiting. */
  #isOrphan(): boolean {
    return this.#asked !== undefined && this.#asked.ended !== undefined;
  }

  /** Leaves a stage during which the frame ended or lost its caller. */
  #abandon(value: unknown): undefined {
    // Nobody awaits it any more: its failure is not an unhandled one.
    if (isThenable(value)) value.then(undefined, () => {});
    const reason = this.#asked?.ended?.reason;
    if (!this.#hasEnded()) this.#end(this.#cancelled(reason));
    return undefined;
  }

  /** Keeps where to go on, and sets the alarm. */
  #wait(step: Step, at: Phase, pending: PromiseLike<unknown>): PromiseLike<unknown> {
    this.#phase = at;
    let dueMs = this.#attemptStartMs + step.timeoutMs;
    if (this.parent === undefined && this.root.deadlineMs < dueMs) dueMs = this.root.deadlineMs;
    if (dueMs !== Number.POSITIVE_INFINITY) this.root.alarms.arm(this, dueMs, this.#attemptStartMs);
    else this.root.alarms.disarm(this);
    return pending;
  }

  #nextStage(): void {
    const nowMs = this.root.clock.now();
    this.marks.push(nowMs);
    const last = this.index === this.program.steps.length - 1;
    this.journal?.write(last ? entryKind.end : entryKind.boundary, this, this.index, nowMs);
    this.index++;
    this.attempt = 1;
    this.#attemptStartMs = nowMs;
  }

  /**
   * Deals with a failed attempt. True when the run goes on at once, at `index` with the stage's input: the stage was
   * passed. False when it backs off before another attempt, or has ended.
   */
  #goesOn(error: AtomicError): boolean {
    const step = this.#step();
    this.#giveUpAttempt(error);
    if (error.code !== "CANCELLED") {
      if (wantsRetry(step, error, this.attempt) && this.#retries(step, error)) return false;
      if (step.onError === "pass") {
        this.passed ??= [];
        this.passed[this.index] = error;
        this.#writeEvent({ type: "stage-pass", ...this.#place(step), error });
        this.#nextStage();
        return true;
      }
    }
    const disposition = step.onError;
    const final =
      disposition === "drop" || disposition === "dead-letter" ? error.with({ disposition }) : error;
    this.#end(final);
    return false;
  }

  /** Arranges the next attempt; false when the run cannot afford one. */
  #retries(step: Step, error: AtomicError): boolean {
    if (this.root.retriesLeft <= 0) return false;
    const nowMs = this.root.clock.now();
    const delayMs = retryDelayMs(step, error, this.attempt, this.root.random);
    if (nowMs + delayMs >= this.#deadlineAbove()) return false;
    this.root.retriesLeft--;
    this.#writeEvent({ type: "stage-retry", ...this.#place(step), error, attempt: this.attempt, delayMs });
    this.attempt++;
    this.attempts ??= [];
    this.attempts[this.index] = this.attempt;
    this.#backingOff = true;
    this.root.alarms.arm(this, nowMs + delayMs, nowMs);
    return true;
  }

  /** The deadline of everything around this frame, its own attempt excepted. */
  #deadlineAbove(): number {
    return this.parent?.deadline() ?? this.root.deadlineMs;
  }

  /** Stops what the attempt has running; its context stays aborted. */
  #giveUpAttempt(error: AtomicError): void {
    this.#generation++;
    this.scope.end(error);
    this.#stopLive(error);
    this.scope = new Scope(this);
  }

  #stopLive(reason: unknown): void {
    const live = this.#live;
    if (live === undefined) return;
    this.#live = undefined;
    for (const child of live) child.cancel(reason);
  }

  #finish(value: unknown): void {
    this.status = "success";
    this.value = value;
    this.#leave();
    this.resolve?.(value);
  }

  #end(error: AtomicError): void {
    this.status = error.code === "CANCELLED" ? "cancelled" : "failed";
    this.error = error;
    const nowMs = this.root.clock.now();
    this.marks.push(nowMs);
    this.journal?.write(entryKind.fail, this, this.index, nowMs);
    this.#generation++;
    this.scope.end(error);
    this.#stopLive(error);
    this.#leave();
    if (this.parent === undefined) {
      Object.defineProperty(error, "report", { value: reportOf(this), configurable: true });
    }
    this.reject?.(error);
  }

  /** Takes the frame out of everything that still knows it. */
  #leave(): void {
    this.root.alarms.disarm(this);
    this.#stageInput = undefined;
    this.parent?.forget(this);
    if (this.parent === undefined) this.journal?.close();
    this.onEnd?.();
  }

  forget(child: Frame): void {
    this.#live?.delete(child);
  }

  #hasEnded(): boolean {
    return this.status !== "running" && this.status !== "pending";
  }

  #cancelled(reason: unknown): AtomicError {
    if (AtomicError.isInstance(reason, "CANCELLED") && belongsToRun(reason, this)) return reason;
    const text =
      AtomicError.isInstance(reason) && belongsToRun(reason, this)
        ? `${reason.stage ?? reason.agent ?? "another part"} ended with ${reason.code}`
        : reason instanceof Error
          ? reason.message
          : typeof reason === "string"
            ? reason
            : "cancelled by the caller";
    const step = this.program.steps[this.index];
    return new AtomicError("CANCELLED", `"${this.program.agent}" was cancelled: ${text}`, {
      details: { reason: text },
      agent: step?.agent ?? this.program.agent,
      stage: this.pathOf(this.index) || undefined,
      runId: this.root.runId,
      requestId: this.root.requestId,
      timestamp: this.root.clock.timestamp(),
      cause: reason,
    });
  }

  #place(step: Step): { readonly stage: string; readonly agent: string } {
    return { stage: this.pathOf(this.index), agent: step.agent };
  }

  #writeEvent(event: Parameters<Journal["writeEvent"]>[0]): void {
    this.journal?.writeEvent(event, this.root.clock.now());
  }

  #step(): Step {
    // Only called while a stage is running.
    return this.program.steps[this.index] as Step;
  }
}

/** What a validator gives. */
interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string }[];
}
