import type { VendorIssue } from "@atomic-agents/contracts";
import type { Spending } from "../budget.ts";
import type { Metadata } from "../context.ts";
import type { AtomicError } from "../errors/atomic-error.ts";
import { logError } from "../log-error.ts";
import { isThenable, promiseOf } from "../maybe-promise.ts";
import { failed, type Result } from "../result.ts";
import { coarseFromMs, type Sleeper } from "../time/alarms.ts";
import { systemClock } from "../time/system-clock.ts";
import { wallTimeMs } from "../time/wall-time.ts";
import type { TimerWheel } from "../time/timer-wheel.ts";
import type { Env } from "./env.ts";
import { type FramePlace, maxChildren, maxDepth, type RareState, type UndoEntry } from "./frame-parts.ts";
import { GuardedClock } from "./guarded-clock.ts";
import type { Journal } from "./journal.ts";
import { addLive, removeLive, stopLive } from "./live-frames.ts";
import { isPending, type Pending, settled } from "./pending.ts";
import type { Program, Step } from "./program.ts";
import type { RunStatus } from "./report.ts";
import { reportOf } from "./report-of.ts";
import { retryDelayMs, wantsRetry } from "./retry.ts";
import { noMetadata, Root } from "./root.ts";
import { nextRunId } from "./run-id.ts";
import { saveRun } from "./save-run.ts";
import { finished, LaterScope, Scope } from "./scope.ts";
import { entryKind } from "./stage-events.ts";
import { waitFor } from "./wait.ts";
import { undoProgram } from "./undo-program.ts";
import { handOverUndos, joinUndoing, undoBackTo } from "./undoing.ts";
import {
  cancelledError,
  depthError,
  stageError,
  timeoutError,
  type Work,
  validationError,
  withReport,
  withSpentHint,
} from "./stage-error.ts";

/** How far a frame has come: while it is ending it is undone and disposed of. */
const life = { pending: 0, running: 1, ending: 2, settled: 3 } as const;
type Life = (typeof life)[keyof typeof life];

/** How far the current stage's attempt has come. */
const phase = { begin: 0, input: 1, execute: 2, output: 3 } as const;
type Phase = (typeof phase)[keyof typeof phase];

const works: readonly Work[] = ["input", "input", "execute", "output"];

/**
 * One execution of a program: the state machine that takes a value through the stages.
 *
 * It runs without waiting as far as it can; what is thenable is waited for, and the run goes on from there. Whatever
 * gives up on a wait (a deadline, a cancellation) raises `generation`; when the wait ends after all, nobody listens,
 * so a late result never lands. That is why neither a timeout nor a retry needs a promise of its own.
 *
 * The clock is read once a stage boundary, into `marks`; events and report are derived from them.
 */
export class Frame extends Scope implements Sleeper {
  readonly program: Program;
  readonly env: Env;
  /** Undefined for the outermost frame of a run. */
  readonly place: FramePlace | undefined;
  readonly journal: Journal | undefined;
  private life: Life = life.pending;
  /** The stage that is running, or the number of stages when all are done. */
  index = 0;
  /** The stage's attempt, counted from 1. */
  attempt = 1;
  /** When each stage began, then when the last one ended. */
  readonly marks: number[] = [];
  value: unknown = undefined;
  error: AtomicError | undefined = undefined;
  rare: RareState | undefined = undefined;
  /** What an observer keeps of it. */
  observed: unknown = undefined;
  /** Who is told the outcome. */
  private waiter: Waiter | undefined = undefined;
  /** Whether it is told as a value, also when it is a failure. */
  private tellsResult = false;

  // The place in the timer wheel; see Sleeper.
  dueMs: number | undefined = undefined;
  slot = 0;
  wheel: TimerWheel | undefined = undefined;
  before: Sleeper | undefined = undefined;
  after: Sleeper | undefined = undefined;

  // The place among the frames that the one around it has to stop with itself.
  liveBefore: Frame | undefined = undefined;
  liveAfter: Frame | undefined = undefined;

  /** The context of the current attempt. */
  private scope: Scope = this;
  private phase: Phase = phase.begin;
  /** What began to be waited for in an earlier one no longer counts. */
  generation = 0;
  private stageInput: unknown = undefined;
  /** When it began, where times are not kept and something had to be waited for. */
  private beganMs: number | undefined = undefined;
  private ownRoot: Root | undefined = undefined;
  /** Of the outermost frame: the frame of the run whose code is at work on the stack right now. */
  private innermost: Frame | undefined = undefined;
  private ownIdentity: Identity | undefined = undefined;

  constructor(program: Program, env: Env, place: FramePlace | undefined, journal: Journal | undefined) {
    super();
    this.program = program;
    this.env = env;
    this.place = place;
    this.journal = journal;
  }

  get "~frame"(): Frame {
    return this;
  }

  /** What all frames of the run share. */
  get root(): Root {
    if (this.place !== undefined) return this.place.outermost.root;
    this.ownRoot ??= new Root(this.env);
    return this.ownRoot;
  }

  /** What all frames of the run share, if there is anything. */
  get rootIfAny(): Root | undefined {
    return this.place === undefined ? this.ownRoot : this.place.outermost.ownRoot;
  }

  override get runId(): string {
    return this.identity.runId;
  }

  /** The caller's id; a run that was given none is a request of its own. */
  override get requestId(): string {
    return this.env.options.requestId ?? this.runId;
  }

  /** When the run began, in milliseconds since 1970. */
  get timestampMs(): number {
    return this.identity.timestampMs;
  }

  /** Made when somebody first asks: most runs are never asked. */
  private get identity(): Identity {
    const outermost = this.place === undefined ? this : this.place.outermost;
    outermost.ownIdentity ??= {
      runId: nextRunId(),
      timestampMs: wallTimeMs(this.env.clock, outermost.startMs),
    };
    return outermost.ownIdentity;
  }

  override get metadata(): Metadata {
    return this.rootIfAny?.metadata ?? this.env.options.metadata ?? noMetadata;
  }

  /** Whether the clock is read at each stage boundary: what nobody sees, and has one stage, can do without. */
  private get isTimed(): boolean {
    return this.place === undefined || this.place.isTimed || this.env.isWatched;
  }

  /** When the outcome was told, what had to be undone and disposed of included; now, when it is not. */
  get endMs(): number {
    if (!this.isSettled) return this.env.clock.now();
    return this.rare?.toldMs ?? this.marks.at(-1) ?? this.startMs;
  }

  /** When the frame began, on the clock's scale; now, when it has not. */
  get startMs(): number {
    return this.marks[0] ?? this.beganMs ?? this.env.clock.now();
  }

  /** `running` until the outcome is told, which undoing and disposing come before. */
  get status(): RunStatus {
    if (this.life === life.settled) return outcomeOf(this);
    return this.life === life.pending ? "pending" : "running";
  }

  /** What it has come to, by what has happened so far: of use when it is about to be told. */
  get outcome(): RunStatus {
    return outcomeOf(this);
  }

  /** Whether no stage of it goes on any more. */
  get hasEnded(): boolean {
    return this.life >= life.ending;
  }

  /** Whether the outcome is told. */
  get isSettled(): boolean {
    return this.life === life.settled;
  }

  /** Whether whoever asked may be given the outcome. */
  get isTold(): boolean {
    return this.isSettled && this.rare?.isSaving !== true;
  }

  /** Runs as far as possible without waiting; `status` says how far that was. */
  begin(input: unknown): void {
    this.life = life.running;
    if (this.isTimed) {
      const nowMs = this.env.clock.now();
      this.marks.push(nowMs);
      if (this.journal !== undefined) this.journal.write(entryKind.begin, this, 0, nowMs);
    }
    if (this.env.observer !== undefined) {
      const outermost = this.place === undefined ? this : this.place.outermost;
      const around = outermost.innermost;
      outermost.innermost = this;
      this.env.observer.begin(this);
      outermost.innermost = around;
      if (this.hasEnded) return;
    }
    this.goOn(input, phase.begin);
  }

  /** The promise of a frame that has begun and has to wait. */
  promise(): Promise<unknown> {
    if (this.place !== undefined && !this.place.isUndo) addLive(this.place.parent, this);
    return new Promise((resolve, reject) => {
      this.waiter = { resolve, reject };
    });
  }

  /** The promise of the outcome as a value, of a frame that may not have begun. */
  resultPromise(): Promise<Result<unknown>> {
    if (this.isTold) return Promise.resolve(this.result());
    this.tellsResult = true;
    const told = new Promise((resolve, reject) => {
      this.waiter = { resolve, reject };
    });
    // Nothing but results is told where results are asked for.
    return told as Promise<Result<unknown>>;
  }

  /** Begins, and gives the output, or a promise of it; throws the frame's error. */
  enter(input: unknown): unknown {
    this.begin(input);
    if (!this.isSettled) return this.promise();
    if (this.error !== undefined) throw this.error;
    return this.value;
  }

  /**
   * Readies one that has succeeded to begin anew, which costs a fraction of another; false where something of it might still be
   * in somebody's hands, or tell that it was there before.
   */
  renew(): boolean {
    const isTraceless =
      this.life === life.settled &&
      this.error === undefined &&
      this.rare === undefined &&
      !this.isTouched &&
      this.generation === 0 &&
      this.dueMs === undefined &&
      this.beganMs === undefined &&
      !this.isTimed;
    if (!isTraceless) return false;
    this.life = life.pending;
    this.index = 0;
    this.ended = undefined;
    this.waiter = undefined;
    return true;
  }

  /** Begins, and has the outcome told without a promise: at once where nothing has to be waited for. */
  enterFor(input: unknown, waiter: Waiter): void {
    this.begin(input);
    this.waiter = waiter;
    if (this.isSettled) this.settleWaiter();
    else if (this.place !== undefined) addLive(this.place.parent, this);
  }

  /**
   * A frame for an agent that runs as part of the current stage.
   *
   * @param keep whether events and report shall show it
   * @param journal where its events go, unless to its parent's
   * @param isCall whether somebody's code asks for it, rather than a composed agent
   * @throws AtomicError `CANCELLED` when the attempt that asks has ended, `CONFIG` when agents run too deep in agents
   */
  spawn(
    asked: Scope,
    program: Program,
    label: string | undefined,
    keep: boolean,
    journal: Journal | undefined = keep ? this.journal : undefined,
    isCall = false,
  ): Frame {
    if (asked.ended !== undefined) throw cancelledError(this, asked.ended.reason);
    if (journal !== undefined && journal === this.journal) journal.keepOrder();
    const depth = (this.place?.depth ?? 0) + 1;
    if (depth > maxDepth) throw depthError(this, maxDepth);
    asked.isTouched = true;
    const outermost = this.place?.outermost ?? this;
    const { index } = this;
    const isShown = keep && this.place?.isShown !== false;
    const place = {
      asked,
      parent: this,
      index,
      label,
      outermost,
      depth,
      isShown,
      isUndo: false,
      isCall,
      isTimed: true,
    };
    const child = new Frame(program, this.env, place, journal);
    if (keep) {
      const rare = this.makeRare();
      rare.children ??= [];
      if (rare.children.length < maxChildren) rare.children.push(child);
    }
    return child;
  }

  /** A frame that undoes something that this one has done: nobody sees it, and it outlives the run's cancellation. */
  spawnUndo(entry: UndoEntry): Frame {
    const place = {
      asked: new LaterScope(this),
      parent: this,
      index: entry.index,
      label: undefined,
      outermost: this.place?.outermost ?? this,
      depth: (this.place?.depth ?? 0) + 1,
      isShown: false,
      isUndo: true,
      isCall: true,
      isTimed: true,
    };
    return new Frame(undoProgram(entry), this.env, place, undefined);
  }

  /** Ends the frame with `CANCELLED`; nothing happens when it has ended. */
  cancel(reason: unknown): void {
    if (!this.hasEnded) this.end(cancelledError(this, reason));
    else if (!this.isSettled) joinUndoing(this);
  }

  /** Ends the frame with a failure of what it goes by rather than of its stage; nothing happens when it has ended. */
  fail(thrown: unknown): void {
    if (!this.hasEnded) this.end(stageError(this, thrown, "execute"));
  }

  /** Has a function called once when the frame ends. */
  whenEnded(onEnd: () => void): void {
    this.makeRare().onEnd = onEnd;
  }

  /** A part failed, and its failure is part of the output: when it is given, the run and all around it end as `partial`. */
  markPartial(): void {
    this.makeRare().partialAt ??= this.index;
  }

  writeCustomEvent(name: string, data: unknown): void {
    if (this.hasEnded) return;
    this.writeEvent({ type: "custom", ...this.stagePlace(), name, data });
  }

  /** A draft of the output: handed to whoever reads the run, while this is the stage that the run's output comes from. */
  offerPartial(partial: unknown): void {
    if (this.hasEnded || this.index !== this.program.steps.length - 1) return;
    const { journal, place } = this;
    if (journal !== undefined && journal.isOf(this)) journal.writePartial(partial);
    else if (place !== undefined && !place.isCall && place.parent.program.gathers !== true) {
      place.parent.offerPartial(partial);
    }
  }

  /** What a stage spent, for the report of it and of all around it. */
  addSpending(index: number, amounts: Spending): void {
    const rare = this.makeRare();
    rare.spent ??= [];
    const spent = (rare.spent[index] ??= { calls: 0, tokens: 0, money: 0 });
    spent.calls += amounts.calls ?? 0;
    spent.tokens += amounts.tokens ?? 0;
    spent.money += amounts.money ?? 0;
    if (this.place !== undefined) this.place.parent.addSpending(this.place.index, amounts);
  }

  /** The stage ids from the outermost composed agent to this stage, joined by `/`. */
  pathOf(index: number): string {
    const above = this.place === undefined ? "" : this.place.parent.pathOf(this.place.index);
    const own = this.place?.label ?? (this.program.staged ? this.program.steps[index]?.id : undefined);
    if (own === undefined) return above;
    return above === "" ? own : `${above}/${own}`;
  }

  /** The latest moment at which a result of the current attempt is of use. */
  deadlineOfAttempt(): number | undefined {
    const step = this.program.steps[this.index];
    const ownMs = step === undefined ? Number.POSITIVE_INFINITY : this.attemptStartMs() + step.timeoutMs;
    const deadlineMs = Math.min(ownMs, this.deadlineAbove());
    return deadlineMs === Number.POSITIVE_INFINITY ? undefined : deadlineMs;
  }

  /** Called by the alarm: a retry is due, an attempt has had its time, or the run has. */
  wake(): void {
    if (this.hasEnded) return;
    this.dueMs = undefined;
    const nowMs = this.env.clock.now();
    if (this.place === undefined && nowMs >= this.startMs + this.env.timeoutMs) {
      this.end(timeoutError(this, "run", this.env.timeoutMs));
      return;
    }
    if (this.rare?.isUndoing === true) return;
    const backingOff = this.rare?.backingOff === true;
    const dueMs = backingOff ? (this.rare?.retryAtMs ?? 0) : this.dueOfWait(this.step());
    if (nowMs < dueMs) {
      // Set for an earlier wait.
      if (dueMs !== Number.POSITIVE_INFINITY) this.setAlarm(dueMs, nowMs);
      return;
    }
    if (this.rare !== undefined && backingOff) {
      this.rare.backingOff = false;
      this.rare.attemptStartMs = nowMs;
      this.rare.attempts ??= [];
      this.rare.attempts[this.index] = this.attempt;
      if (this.env.observer !== undefined) {
        this.env.observer.resume(this);
        if (this.hasEnded) return;
      }
      this.goOn(this.stageInput, phase.begin);
      return;
    }
    if (this.goesOnAfter(timeoutError(this, "attempt", this.step().timeoutMs))) {
      this.goOn(this.stageInput, phase.begin);
    }
  }

  /** Goes on from a value, and waits for what has to be waited for. */
  private goOn(value: unknown, from: Phase): void {
    const outermost = this.place === undefined ? this : this.place.outermost;
    const around = outermost.innermost;
    outermost.innermost = this;
    const pending = this.advance(value, from);
    outermost.innermost = around;
    if (pending === undefined) return;
    if (isPending(pending)) waitFor(this, pending.promise, pending);
    else waitFor(this, pending);
  }

  goOnAfterWait(value: unknown): void {
    this.goOn(value, this.phase);
  }

  failAfterWait(thrown: unknown): void {
    const error = stageError(this, thrown, works[this.phase] ?? "execute");
    if (this.goesOnAfter(error)) this.goOn(this.stageInput, phase.begin);
  }

  /** What ran so far no longer counts: neither its results nor its failures are listened to. */
  private newGeneration(): void {
    this.generation++;
  }

  /**
   * Takes a value through the stages until one has to be waited for, which is returned, or the frame has ended or
   * backs off. Never throws.
   */
  private advance(value: unknown, from: Phase): PromiseLike<unknown> | Pending | undefined {
    const { steps } = this.program;
    const { isWatched } = this.env;
    let at: Phase = from;
    for (;;) {
      const step = steps[this.index];
      if (step === undefined) {
        this.finish(value);
        return undefined;
      }
      try {
        if (at === phase.begin) {
          this.stageInput = value;
          if (isWatched) this.measure("input", value);
          if (step.input !== undefined) {
            at = phase.input;
            value = step.input.validate(value);
            if (isThenable(value)) return this.wait(step, at, value);
          }
        }
        if (at === phase.input) {
          // What an input validator gave.
          const checked = value as Checked;
          if (checked.issues !== undefined) {
            if (!this.goesOnWithout("input", this.stageInput, checked.issues)) return undefined;
            value = this.stageInput;
            at = phase.begin;
            continue;
          }
          value = checked.value;
        }
        if (at <= phase.input) {
          at = phase.execute;
          const { generation } = this;
          if (isWatched) value = this.executeWatched(step, value);
          else if (step.guarded === undefined) value = step.execute(value, this.scope);
          else {
            value = step.guarded(value, this.scope);
            if (isPending(value)) {
              if (this.generation !== generation) return this.abandon(settled(value));
              return this.wait(step, at, value);
            }
          }
          if (this.generation !== generation) return this.abandon(value);
          if (isThenable(value)) return this.wait(step, at, value);
        }
        if (at === phase.execute && step.output !== undefined) {
          at = phase.output;
          const raw = value;
          const given: unknown = step.output.validate(raw);
          if (isThenable(given)) {
            return this.wait(
              step,
              at,
              // Its own `then` may give nothing back.
              Promise.resolve(given).then((late): CheckedLater => ({ checked: late as Checked, raw })),
            );
          }
          // What a validator gave at once.
          const checked = given as Checked;
          if (checked.issues !== undefined) throw validationError(this, "output", raw, checked.issues);
          value = checked.value;
        } else if (at === phase.output) {
          // What `then` above gave.
          const { checked, raw } = value as CheckedLater;
          if (checked.issues !== undefined) throw validationError(this, "output", raw, checked.issues);
          value = checked.value;
        }
      } catch (thrown) {
        if (this.hasEnded) return undefined;
        if (!this.goesOnAfter(stageError(this, thrown, works[at] ?? "execute"))) return undefined;
        value = this.stageInput;
        at = phase.begin;
        continue;
      }
      this.nextStage(value);
      // Whoever heard of the stage's end may have cancelled the run.
      if (this.error !== undefined) return undefined;
      at = phase.begin;
    }
  }

  /** Keeps where to go on, and sets the alarm. */
  private wait<TPending>(step: Step, at: Phase, pending: TPending): TPending {
    this.phase = at;
    const { alarms, timeoutMs } = this.env;
    const isBounded = this.place === undefined && timeoutMs !== Number.POSITIVE_INFINITY;
    const isLong = step.timeoutMs >= coarseFromMs && step.timeoutMs !== Number.POSITIVE_INFINITY;
    if (isLong && !isBounded && alarms.coarse !== undefined) {
      // Most waits are over before the next tick: until then nobody works out when this one ends, nor reads the clock for it.
      if (this.wheel === undefined) {
        alarms.coarse.insertUnasked(this);
        return pending;
      }
      if (this.dueMs === undefined) return pending;
    }
    const dueMs = this.dueOfWait(step);
    // An alarm that is set for an earlier moment stays: when it rings, `wake` sees what it has to wait for by then.
    if (dueMs < (this.dueMs ?? Number.POSITIVE_INFINITY)) this.setAlarm(dueMs, this.attemptStartMs());
    return pending;
  }

  /** When the wait that has begun by now has to end. */
  dueFrom(nowMs: number): number {
    if (this.hasEnded) return Number.POSITIVE_INFINITY;
    this.beganMs ??= nowMs;
    return this.dueOfWait(this.step());
  }

  private setAlarm(dueMs: number, nowMs: number): void {
    this.dueMs = dueMs;
    this.env.alarms.arm(this, dueMs, nowMs);
  }

  /** When the current wait has to end: the attempt's time, for the outermost frame also the run's. */
  private dueOfWait(step: Step): number {
    const attemptMs = this.attemptStartMs() + step.timeoutMs;
    if (this.place !== undefined || this.env.timeoutMs === Number.POSITIVE_INFINITY) return attemptMs;
    return Math.min(attemptMs, this.startMs + this.env.timeoutMs);
  }

  /** Leaves a stage during which the frame ended. */
  private abandon(value: unknown): undefined {
    // Nobody awaits it any more: its failure is not an unhandled one.
    if (isThenable(value)) promiseOf(value).then(undefined, () => {});
    return undefined;
  }

  private nextStage(output: unknown): void {
    // Most runs: nothing has happened but the stage, and nobody looks on.
    if (this.journal === undefined && this.rare === undefined && !this.env.isWatched) {
      if (this.isTimed) this.marks.push(this.env.clock.now());
      this.index++;
      this.attempt = 1;
    } else this.nextStageSeen(output);
    if (this.scope.isTouched) {
      if (this.index === this.program.steps.length) this.life = life.ending;
      this.newScope();
    }
  }

  private nextStageSeen(output: unknown): void {
    const last = this.index === this.program.steps.length - 1;
    const closes = last && this.hasToClose(false);
    this.measure("output", output);
    // From here on things happen that marks do not tell.
    if (closes && this.journal !== undefined) this.journal.keepOrder();
    const nowMs = this.env.clock.now();
    this.marks.push(nowMs);
    if (this.journal !== undefined) {
      const kind = closes ? entryKind.lastStage : last ? entryKind.end : entryKind.boundary;
      this.journal.write(kind, this, this.index, nowMs);
    }
    this.index++;
    this.attempt = 1;
    // What is called from here on may cancel the run, but no longer one whose last stage is done.
    if (last) this.life = life.ending;
    if (this.rare?.undos !== undefined) this.rare.undoMark = this.rare.undos.length;
    if (this.env.observer !== undefined) {
      this.env.observer.next(this);
    }
  }

  private measure(side: "input" | "output", value: unknown): void {
    if (this.env.measures !== undefined) this.env.measures(this, side, value);
  }

  private executeWatched(step: Step, value: unknown): unknown {
    const { observer } = this.env;
    return observer === undefined
      ? step.execute(value, this.scope)
      : observer.within(this, step, value, this.scope);
  }

  /** The next stage gets a context of its own, where this one's may still be in somebody's hands. */
  private newScope(): void {
    this.scope.closeScope();
    this.stopInside(finished.reason);
    this.scope = new LaterScope(this);
  }

  /**
   * Deals with a failed attempt. True when the run goes on at once, at `index` with the stage's input: the stage was
   * passed. False when it undoes, backs off before another attempt, or has ended.
   */
  private goesOnAfter(error: AtomicError): boolean {
    this.giveUpAttempt(error);
    // Whoever listened to the attempt's signal may have cancelled the run.
    if (this.hasEnded) return false;
    const { rare } = this;
    if (rare === undefined) return this.decidesToGoOn(error);
    // What the attempt would have given is not part of the output.
    if (rare.partialAt === this.index) rare.partialAt = undefined;
    const mark = rare.undoMark ?? 0;
    const hasUndos = rare.undos !== undefined && rare.undos.length > mark;
    if (!hasUndos && rare.undoing === undefined) return this.decidesToGoOn(error);
    // What the attempt has done is undone before anything else happens.
    rare.isUndoing = true;
    void undoBackTo(this, mark).then(() => {
      rare.isUndoing = false;
      if (!this.hasEnded && this.decidesToGoOn(error)) this.goOn(this.stageInput, phase.begin);
    });
    return false;
  }

  /** The same of a value that the stage's contract refuses: thrown, its error would cost several times as much. */
  private goesOnWithout(work: "input" | "output", value: unknown, issues: readonly VendorIssue[]): boolean {
    const error = validationError(this, work, value, issues);
    return !this.hasEnded && this.goesOnAfter(error);
  }

  private decidesToGoOn(error: AtomicError): boolean {
    const step = this.step();
    let told = error;
    if (error.code !== "CANCELLED") {
      const retrying = this.retries(step, error);
      if (retrying === true) return false;
      // A listener may have cancelled the run meanwhile.
      if (this.hasEnded) return false;
      if (retrying === "spent") told = withSpentHint(error, this.env.maxRetries);
      if (step.onError === "pass") {
        const rare = this.makeRare();
        rare.passed ??= [];
        rare.passed[this.index] = error;
        this.writeEvent({ type: "stage-pass", ...this.stagePlace(), error });
        this.nextStage(this.stageInput);
        return this.error === undefined;
      }
    }
    // Without a word of this stage, what a stage inside it said holds.
    const { onError } = step;
    const isSaid = onError !== undefined && onError !== "pass" && onError !== told.disposition;
    this.end(isSaid ? told.with({ disposition: onError }) : told);
    return false;
  }

  /** Arranges the next attempt; false when none is wanted or possible, `spent` when the run has no retries left. */
  private retries(step: Step, error: AtomicError): boolean | "spent" {
    const delayMs = this.delayOfRetry(step, error);
    const { root } = this;
    if (delayMs === undefined || this.hasEnded) return false;
    if (root.retriesLeft <= 0) return "spent";
    const nowMs = this.env.clock.now();
    if (nowMs + delayMs >= this.deadlineAbove()) return false;
    root.retriesLeft--;
    this.writeEvent({ type: "stage-retry", ...this.stagePlace(), error, attempt: this.attempt, delayMs });
    this.attempt++;
    const rare = this.makeRare();
    rare.backingOff = true;
    rare.retryAtMs = nowMs + delayMs;
    if (rare.retryAtMs < (this.dueMs ?? Number.POSITIVE_INFINITY)) this.setAlarm(rare.retryAtMs, nowMs);
    if (this.env.observer !== undefined) {
      this.env.observer.retry(this, error);
    }
    return true;
  }

  /** How long to wait before another attempt; undefined when none is wanted. */
  private delayOfRetry(step: Step, error: AtomicError): number | undefined {
    if (step.retry === undefined) return undefined;
    try {
      if (!wantsRetry(step, error, this.attempt)) return undefined;
      return retryDelayMs(step, error, this.attempt, this.random);
    } catch {
      // A predicate or random function of the user's that throws asks for nothing: the stage's failure is told.
      return undefined;
    }
  }

  private attemptStartMs(): number {
    // The stage's first attempt begins where the stage does.
    if (this.attempt > 1 && this.rare?.attemptStartMs !== undefined) return this.rare.attemptStartMs;
    if (!this.isTimed) return (this.beganMs ??= this.env.clock.now());
    return this.marks[this.index] ?? this.startMs;
  }

  /** The deadline of everything around this frame's own attempt. */
  private deadlineAbove(): number {
    if (this.place?.isUndo === true) return Number.POSITIVE_INFINITY;
    if (this.place === undefined) return this.startMs + this.env.timeoutMs;
    return this.place.parent.deadlineOfAttempt() ?? Number.POSITIVE_INFINITY;
  }

  /** Stops what the attempt has running; its context stays aborted. */
  private giveUpAttempt(error: AtomicError): void {
    this.newGeneration();
    this.scope.endScope(error);
    this.stopInside(error);
    this.scope = new LaterScope(this);
  }

  /** Stops what runs inside. */
  private stopInside(reason: unknown): void {
    const { innermost } = this.place === undefined ? this : this.place.outermost;
    if (innermost !== undefined && innermost !== this && innermost.isWithin(this)) {
      // What is at work on the stack has been asked for by this frame, and one of them is asking for its end.
      for (let frame = innermost; frame !== this; ) {
        const around = frame.place?.parent;
        frame.cancel(reason);
        if (around === undefined) break;
        frame = around;
      }
    }
    stopLive(this, reason);
  }

  private isWithin(other: Frame): boolean {
    let { place } = this;
    while (place !== undefined && !place.isUndo) {
      if (place.parent === other) return true;
      ({ place } = place.parent);
    }
    return false;
  }

  private finish(value: unknown): void {
    this.life = life.ending;
    this.value = value;
    this.scope.closeScope();
    if (this.rare !== undefined) {
      this.stopInside(finished.reason);
      handOverUndos(this);
      if (this.rare.partialAt !== undefined && this.place?.isUndo === false) this.place.parent.markPartial();
    }
    if (this.ownRoot !== undefined && this.hasToClose(false)) {
      void this.close().then(() => this.tellAfterClosing());
    } else this.tell();
  }

  private end(error: AtomicError): void {
    const began = this.life !== life.pending;
    this.life = life.ending;
    this.newGeneration();
    this.scope.endScope(error);
    this.stopInside(error);
    // Whoever gave up on this frame undoes what it has done together with what came before it.
    if (this.rare !== undefined && this.place?.asked.ended !== undefined) handOverUndos(this);
    const closes = this.hasToClose(true);
    // From here on things happen that marks do not tell.
    if (closes && this.journal !== undefined) this.journal.keepOrder();
    this.error = error;
    if (!closes) this.life = life.settled;
    // Read after what runs inside has ended, so that events come in the order of their times.
    const nowMs = this.env.clock.now();
    this.marks.push(nowMs);
    if (this.journal !== undefined) {
      const kind = closes ? entryKind.stageFail : began ? entryKind.fail : entryKind.unbegun;
      this.journal.write(kind, this, this.index, nowMs);
    }
    if (began && this.env.observer !== undefined) this.env.observer.fail(this, error);
    if (closes) void this.close().then(() => this.tellAfterClosing());
    else this.tell();
  }

  /** Tells the outcome. */
  private tell(): void {
    this.life = life.settled;
    this.leave();
    if (this.place === undefined && (this.error !== undefined || this.env.options.store !== undefined)) {
      if (this.error !== undefined) this.error = withReport(this.error, reportOf(this));
      const saving = this.env.options.store === undefined ? undefined : saveRun(this, this.env.options.store);
      if (this.env.observer !== undefined) this.env.observer.end(this);
      if (saving === undefined) this.settleWaiter();
      else {
        const rare = this.makeRare();
        rare.isSaving = true;
        void saving.then(() => {
          rare.isSaving = false;
          this.settleWaiter();
        });
      }
      return;
    }
    if (this.env.observer !== undefined) this.env.observer.end(this);
    if (this.waiter !== undefined) this.settleWaiter();
  }

  private settleWaiter(): void {
    const { waiter, error } = this;
    if (waiter === undefined) return;
    const isPartial = this.rare?.partialAt !== undefined;
    if (this.tellsResult) waiter.resolve(this.result(), isPartial);
    else if (error === undefined) waiter.resolve(this.value, isPartial);
    else waiter.reject(error, this.attempt);
  }

  private result(): Result<unknown> {
    return this.error === undefined ? { ok: true, output: this.value } : failed(this.error);
  }

  private tellAfterClosing(): void {
    this.life = life.settled;
    const nowMs = this.env.clock.now();
    this.makeRare().toldMs = nowMs;
    if (this.journal !== undefined) this.journal.write(entryKind.runEnd, this, this.index, nowMs);
    this.tell();
  }

  /** Whether something has to be undone or disposed of before the outcome is told. */
  private hasToClose(hasFailed: boolean): boolean {
    if (this.place === undefined && this.ownRoot !== undefined && this.ownRoot.hasOwnResources) return true;
    const { rare } = this;
    if (rare === undefined || !hasFailed) return false;
    return rare.undoing !== undefined || (rare.undos !== undefined && rare.undos.length > 0);
  }

  /** Undoes what a failed frame has done, and disposes of what the run has made for itself. Never rejects. */
  private async close(): Promise<void> {
    if (this.error !== undefined) await undoBackTo(this, 0);
    if (this.place !== undefined || this.ownRoot === undefined) return;
    for (const error of await this.ownRoot.disposeResources()) {
      this.writeEvent({ type: "resource-error", resource: error.details.resource, error });
      logError(this.log, error.message, { runId: this.runId, hint: error.hint });
    }
    // What came late may have been undoable, too.
    if (this.error !== undefined) await undoBackTo(this, 0);
  }

  /** Takes the frame out of everything that still knows it. */
  private leave(): void {
    // The default clock's alarm says by the wheel whether it is set; another clock has to look.
    if (this.wheel !== undefined || this.env.clock !== systemClock) this.leaveClock();
    this.stageInput = undefined;
    if (this.place !== undefined) removeLive(this.place.parent, this);
    if (this.journal !== undefined && this.journal.isOf(this)) this.journal.close();
    if (this.rare?.onEnd !== undefined) this.rare.onEnd();
  }

  private leaveClock(): void {
    const { alarms, clock } = this.env;
    alarms.disarm(this);
    if (this.place === undefined && clock instanceof GuardedClock) clock.forget(this);
  }

  makeRare(): RareState {
    this.rare ??= {};
    return this.rare;
  }

  private stagePlace(): { readonly stage: string; readonly agent: string } {
    const step = this.step();
    return { stage: this.pathOf(this.index) || step.id, agent: step.agent };
  }

  writeEvent(event: Parameters<Journal["writeEvent"]>[0]): void {
    if (this.journal !== undefined) this.journal.writeEvent(event, this.env.clock.now());
  }

  private step(): Step {
    // Only called while a stage is running.
    return this.program.steps[this.index] as Step;
  }
}

interface Waiter {
  readonly resolve: (value: unknown, isPartial: boolean) => void;
  readonly reject: (error: AtomicError, attempts: number) => void;
}

interface Identity {
  readonly runId: string;
  /** When the run began, in milliseconds since 1970. */
  readonly timestampMs: number;
}

function outcomeOf(frame: Frame): RunStatus {
  const { error } = frame;
  if (error !== undefined) return error.code === "CANCELLED" ? "cancelled" : "failed";
  return frame.rare?.partialAt !== undefined ? "partial" : "success";
}

/** What a validator gives. */
interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly VendorIssue[];
}

/** What a validator gave later, with what it was asked of. */
interface CheckedLater {
  readonly checked: Checked;
  readonly raw: unknown;
}
