import type { CircuitBreaker, ConcurrencyLimit, Context, RateLimit } from "@atomic-agents/core";
import type { RandomSource } from "./random-source.ts";
import type { Effect, SimulatedRun } from "./simulated-run.ts";

/** How much a rate limit lets through. */
export interface Rate {
  readonly limit: number;
  readonly perMs: number;
}

/** What the leaves of a graph lie under, as far as it has to be checked when they are called. */
export interface Guarded {
  readonly limits: readonly ConcurrencyLimit[];
  readonly rates: readonly RateLimit[];
  readonly breakers: readonly CircuitBreaker[];
}

/** What one simulation sees of its graph, and what it finds wrong. */
export class World {
  readonly random: RandomSource;
  readonly violations: string[] = [];
  readonly runs = new Map<string, SimulatedRun>();
  readonly effects: Effect[] = [];
  /** Effects that stand, of each run, in the order in which they were made; undoing takes them away. */
  readonly standing = new Map<string, Effect[]>();
  /** Whether at most one thing happens at a time in a run of this graph. */
  isSequential = true;
  /** When each rate limit let calls through. */
  readonly admissions = new Map<RateLimit, number[]>();
  /** What the limits of the graph allow. */
  readonly places = new Map<ConcurrencyLimit, number>();
  readonly rates = new Map<RateLimit, Rate>();
  /** Calls that are under way and not given up, by what they must not be more of than one. */
  readonly exclusive = new Map<unknown, number>();
  calls = 0;
  /** How many timers have fired: between two of them everything settles that needs no time. */
  turn = 0;
  /** Timers that leaves have set and that do not end with their run. */
  ownTimers = 0;

  constructor(random: RandomSource) {
    this.random = random;
  }

  violate(what: string): void {
    // One graph that is broken breaks a hundred times.
    if (this.violations.length < 20) this.violations.push(what);
  }

  runOf(ctx: Context): SimulatedRun {
    const run = this.runs.get(ctx.userId ?? "");
    if (run === undefined) throw new Error(`unreachable: no run has the tag ${ctx.userId}`);
    return run;
  }

  /** A wait that no cancellation cuts short; `timers` of the clock are needed for it. */
  wait(ctx: Context, delayMs: number, timers = 1): Promise<void> {
    this.ownTimers += timers;
    return new Promise((resolve) => {
      ctx.clock.setTimer(() => {
        this.ownTimers -= timers;
        resolve();
      }, delayMs);
    });
  }

  /** Checks what must hold when a leaf is called, and gives what has to be called when the call is over. */
  enter(leaf: string, input: unknown, ctx: Context, guarded: Guarded): () => void {
    this.calls++;
    const run = this.runOf(ctx);
    if (run.isCancelled) this.violate(`${leaf} was called after ${run.tag} was cancelled`);
    if (run.isSettled) this.violate(`${leaf} was called after the outcome of ${run.tag} was told`);
    if (ctx.signal.aborted) this.violate(`${leaf} was called with a signal that had aborted`);
    if (typeof input !== "string" || !input.startsWith(run.tag)) {
      this.violate(`${leaf} of ${run.tag} got ${JSON.stringify(input)}`);
    }
    for (const breaker of guarded.breakers) {
      if (breaker.state === "open") this.violate(`${leaf} was called through an open breaker`);
    }
    for (const rate of guarded.rates) {
      const times = this.admissions.get(rate) ?? [];
      times.push(ctx.clock.now());
      this.admissions.set(rate, times);
    }
    const left = guarded.limits.map((limit) =>
      this.hold(limit, this.places.get(limit) ?? 0, `${leaf}: a limit of`),
    );
    return () => {
      for (const leave of left) leave();
    };
  }

  /** Counts one more that holds something, which `most` may hold at a time. */
  hold(what: unknown, most: number, name: string): () => void {
    const held = (this.exclusive.get(what) ?? 0) + 1;
    this.exclusive.set(what, held);
    if (held > most) this.violate(`${name} ${most} is held ${held} times`);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.exclusive.set(what, (this.exclusive.get(what) ?? 0) - 1);
    };
  }

  /** Notes that something was done that can be undone. */
  did(tag: string, leaf: string, isAbandoned: boolean): Effect {
    const effect = { id: this.effects.length, tag, leaf, isAbandoned, turn: this.turn, undoneCount: 0 };
    this.effects.push(effect);
    const standing = this.standing.get(tag) ?? [];
    standing.push(effect);
    this.standing.set(tag, standing);
    return effect;
  }

  /** Checks that the right thing is undone. */
  undo(effect: Effect): void {
    effect.undoneCount++;
    if (effect.undoneCount > 1) this.violate(`${effect.leaf} of ${effect.tag} was undone twice`);
    const standing = this.standing.get(effect.tag) ?? [];
    const at = standing.indexOf(effect);
    // Of what was done in this very turn the run may not have heard yet.
    const later = standing.slice(at + 1).find(({ turn }) => turn < this.turn);
    if (this.isSequential && !effect.isAbandoned && later !== undefined) {
      this.violate(`${effect.tag} undid ${effect.leaf} before ${later.leaf}, which was done after it`);
    }
    if (at >= 0) standing.splice(at, 1);
  }
}
