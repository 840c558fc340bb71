import { chooseCandidate, chooseResting, noneReady } from "../balancing/choose-candidate.ts";
import type { ReplicaLoad } from "../balancing/replica-load.ts";
import type { BalancingStrategy } from "../balancing/strategy.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { asAtomicError } from "../errors/to-atomic-error.ts";
import type { Frame } from "../run/frame.ts";
import type { Scope } from "../run/scope.ts";
import type { Sleeper } from "../time/alarms.ts";
import type { Clock } from "../time/clock.ts";
import type { TimerWheel } from "../time/timer-wheel.ts";

/** How calls are given to replicas, and how long they wait for one. */
export interface PoolRules {
  readonly strategy: BalancingStrategy;
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** Who runs on which replica, and who waits for one: first come, first served. */
export class PoolLine {
  readonly loads: readonly ReplicaLoad[];
  /** How many calls wait. */
  waiting = 0;
  private readonly rules: PoolRules;
  private first: WaitingCall | undefined = undefined;
  private last: WaitingCall | undefined = undefined;
  /** Which replicas have failed a stage that is being retried. */
  private failedOn: WeakMap<Frame, Set<string>> | undefined = undefined;
  /** The clock that the replicas' moments were read from. */
  private clock: Clock | undefined = undefined;

  constructor(loads: readonly ReplicaLoad[], rules: PoolRules) {
    this.loads = loads;
    this.rules = rules;
  }

  /**
   * A place on a replica, at once where there is one.
   *
   * @throws AtomicError `NO_INSTANCE`; a promise rejects with it
   */
  take(ctx: Scope): Place | Promise<Place> {
    const nowMs = ctx["~frame"].startMs;
    // Nobody waits while there is room.
    if (this.first === undefined) {
      const index = this.choose(ctx, nowMs);
      if (index !== noneReady) return this.placeOn(index, ctx, nowMs);
    }
    if (this.waiting < this.rules.maxWaiting) return this.wait(ctx, nowMs);
    // It overtakes those who wait: they still have hopes of a replica that does not rest.
    const place = this.lastResort(ctx, nowMs);
    if (place === undefined) throw this.noInstance(ctx, 0);
    return place;
  }

  /** Gives room to those who wait, in their order. */
  serve(): void {
    for (let call = this.first; call !== undefined; call = this.first) {
      const nowMs = call.ctx.clock.now();
      let index: number;
      try {
        index = this.choose(call.ctx, nowMs);
      } catch (thrown) {
        // A strategy of the user's that throws fails the call that it was asked for.
        this.remove(call);
        call.reject(thrown);
        continue;
      }
      if (index === noneReady) break;
      this.remove(call);
      call.give(this.placeOn(index, call.ctx, nowMs));
    }
    this.first?.aim(this.firstRestEndMs());
  }

  /** Ends the wait of a call that has waited for as long as it may. */
  refuse(call: WaitingCall, nowMs: number): void {
    this.remove(call);
    try {
      const place = this.lastResort(call.ctx, nowMs);
      if (place !== undefined) call.give(place);
      else call.reject(this.noInstance(call.ctx, nowMs - call.sinceMs));
    } catch (thrown) {
      // The run's random function is the user's.
      call.reject(thrown);
    }
    this.serve();
  }

  remove(call: WaitingCall): void {
    const { ahead, behind } = call;
    if (ahead === undefined) this.first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.last = ahead;
    else behind.ahead = ahead;
    this.waiting--;
    call.leave();
  }

  /** Remembers where a stage has failed that may be tried again. */
  noteFailure(id: string, ctx: Scope): void {
    const frame = retriedFrame(ctx);
    if (frame === undefined) return;
    this.failedOn ??= new WeakMap();
    const failed = this.failedOn.get(frame);
    // When it has failed everywhere, the next round begins.
    if (failed === undefined || failed.size + 1 >= this.loads.length) this.failedOn.set(frame, new Set([id]));
    else failed.add(id);
  }

  private choose(ctx: Scope, nowMs: number): number {
    const { clock } = ctx;
    if (clock !== this.clock) {
      if (this.clock !== undefined) for (const load of this.loads) load.forgetMoments(nowMs);
      this.clock = clock;
    }
    const frame = this.failedOn === undefined ? undefined : retriedFrame(ctx);
    // Of another stage, or of an item before this one, nothing is known.
    const avoided = frame === undefined || frame.attempt === 1 ? undefined : this.failedOn?.get(frame);
    return chooseCandidate(this.rules.strategy, this.loads, nowMs, ctx.random, avoided);
  }

  /** A place on a replica that rests, for a call that would be refused. */
  private lastResort(ctx: Scope, nowMs: number): Place | undefined {
    const index = chooseResting(this.loads, ctx.random);
    return index === noneReady ? undefined : this.placeOn(index, ctx, nowMs);
  }

  private placeOn(index: number, ctx: Scope, nowMs: number): Place {
    // An index that was chosen is one of theirs.
    return new Place(this, this.loads[index] as ReplicaLoad, index, ctx, nowMs);
  }

  private wait(ctx: Scope, nowMs: number): Promise<Place> {
    return new Promise((resolve, reject) => {
      const call = new WaitingCall(this, ctx, nowMs, nowMs + this.rules.maxWaitMs, resolve, reject);
      if (this.last === undefined) this.first = call;
      else this.last.behind = call;
      call.ahead = this.last;
      this.last = call;
      this.waiting++;
      call.aim(this.first === call ? this.firstRestEndMs() : Number.POSITIVE_INFINITY);
    });
  }

  /** When the next replica has rested that has room. */
  private firstRestEndMs(): number {
    let endMs = Number.POSITIVE_INFINITY;
    for (const { active, capacity, restingUntilMs } of this.loads) {
      if (active < capacity && restingUntilMs < endMs) endMs = restingUntilMs;
    }
    return endMs;
  }

  private noInstance(ctx: Scope, waitedMs: number): AtomicError {
    const replicas = this.loads.length;
    const capacity = this.loads.reduce((sum, load) => sum + load.capacity, 0);
    const { agent } = ctx["~frame"].program;
    const why = waitedMs > 0 ? `for ${waitedMs} ms` : `and ${this.waiting} calls wait already`;
    const all = replicas === 1 ? "the only replica" : `all ${replicas} replicas`;
    return new AtomicError("NO_INSTANCE", `"${agent}": ${all} had no room ${why}`, {
      details: { replicas, capacity, waitedMs },
      hint: "Add replicas or capacity, send less at a time, or raise maxWaiting or maxWaitMs. Does a replica run its own pool?",
    });
  }
}

/** The nearest frame around a call that tries its stage again. */
function retriedFrame(ctx: Scope): Frame | undefined {
  for (let { place } = ctx["~frame"]; place !== undefined; place = place.parent.place) {
    if (place.parent.program.steps[place.index]?.retry !== undefined) return place.parent;
  }
  return undefined;
}

/** A call that waits for a place. It is its own entry in the line and in the timer wheel. */
class WaitingCall implements Sleeper {
  private readonly endWait: () => void;
  readonly ctx: Scope;
  readonly sinceMs: number;
  ahead: WaitingCall | undefined = undefined;
  behind: WaitingCall | undefined = undefined;
  readonly reject: (thrown: unknown) => void;
  private readonly line: PoolLine;
  private readonly untilMs: number;
  private readonly resolve: (place: Place) => void;

  // The place in the timer wheel; see Sleeper.
  dueMs = Number.POSITIVE_INFINITY;
  slot = 0;
  wheel: TimerWheel | undefined = undefined;
  before: Sleeper | undefined = undefined;
  after: Sleeper | undefined = undefined;

  constructor(
    line: PoolLine,
    ctx: Scope,
    sinceMs: number,
    untilMs: number,
    resolve: (place: Place) => void,
    reject: (thrown: unknown) => void,
  ) {
    this.line = line;
    this.ctx = ctx;
    this.sinceMs = sinceMs;
    this.untilMs = untilMs;
    this.resolve = resolve;
    this.reject = reject;
    this.endWait = ctx.beginWait();
    ctx.whenGivenUp(this.giveUp);
  }

  /** Has it woken when its time is over, or before, when room may come without a call that ends. */
  aim(roomMs: number): void {
    const dueMs = Math.min(this.untilMs, roomMs);
    if (dueMs === this.dueMs) return;
    this.dueMs = dueMs;
    const { env } = this.ctx["~frame"];
    env.alarms.arm(this, dueMs, env.clock.now());
  }

  wake(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    const nowMs = this.ctx.clock.now();
    if (nowMs < this.untilMs) this.line.serve();
    else this.line.refuse(this, nowMs);
  }

  give(place: Place): void {
    // Between now and when the call goes on it may be given up on.
    place.watch();
    this.resolve(place);
  }

  /** Called when it is taken out of the line. */
  leave(): void {
    this.endWait();
    this.ctx["~frame"].env.alarms.disarm(this);
    this.ctx.forget(this.giveUp);
  }

  private readonly giveUp = (): void => {
    this.line.remove(this);
    this.reject(this.ctx.ended?.reason);
    this.line.serve();
  };
}

/** A call's place on a replica. However the call ends, the place is given back once. */
export class Place {
  readonly index: number;
  private readonly line: PoolLine;
  private readonly load: ReplicaLoad;
  private readonly ctx: Scope;
  private readonly beganMs: number;
  private readonly streak: number;
  private isHeld = true;
  private hook: (() => void) | undefined = undefined;

  constructor(line: PoolLine, load: ReplicaLoad, index: number, ctx: Scope, nowMs: number) {
    this.line = line;
    this.load = load;
    this.index = index;
    this.ctx = ctx;
    this.beganMs = nowMs;
    this.streak = load.begin(nowMs);
  }

  /** Has the place given back when the call is given up on. */
  watch(): void {
    if (this.hook !== undefined) return;
    this.hook = () => this.giveUp();
    this.ctx.whenGivenUp(this.hook);
  }

  succeed(nowMs: number): void {
    if (!this.end()) return;
    this.load.succeed(this.streak, nowMs - this.beganMs, nowMs);
    this.line.serve();
  }

  fail(thrown: unknown, nowMs: number): void {
    if (!this.end()) return;
    const { code } = asAtomicError(thrown);
    this.leave(!isCallersFault(code), nowMs);
  }

  private giveUp(): void {
    if (this.end()) this.leave(hadItsTime(this.ctx), this.ctx.clock.now());
  }

  private leave(hasFailed: boolean, nowMs: number): void {
    if (hasFailed) {
      this.load.fail(this.streak, nowMs - this.beganMs, nowMs);
      this.line.noteFailure(this.load.id, this.ctx);
    } else this.load.leave();
    this.line.serve();
  }

  private end(): boolean {
    if (!this.isHeld) return false;
    this.isHeld = false;
    if (this.hook !== undefined) this.ctx.forget(this.hook);
    return true;
  }
}

/** Failures that would be the same on every replica. */
function isCallersFault(code: AtomicError["code"]): boolean {
  return code === "VALIDATION_INPUT" || code === "CANCELLED" || code === "BUDGET_EXCEEDED";
}

/** Whether a call was given up on because it took too long, rather than because nobody wanted it any more. */
function hadItsTime(ctx: Scope): boolean {
  const reason = ctx.ended?.reason;
  const first = AtomicError.isInstance(reason, "CANCELLED") ? reason.cause : reason;
  if (!AtomicError.isInstance(first, "TIMEOUT")) return false;
  // What took too long has to be around this call: that of a sibling says nothing of the replica.
  const path = ctx["~frame"].pathOf(0);
  return first.stage === undefined || `${path}/`.startsWith(`${first.stage}/`);
}
