import { type AnyAtomicError, AtomicError } from "../errors/atomic-error.ts";
import type { ErrorCode } from "../errors/catalog.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Scope } from "../run/scope.ts";
import { stageError } from "../run/stage-error.ts";
import { type Pending, pendingOf } from "../run/pending.ts";
import type { Work } from "../run/work.ts";
import { Countdown } from "./countdown.ts";
import type { Guard } from "./guard.ts";
import { OutcomeWindow } from "./outcome-window.ts";

/** `closed` lets calls through, `open` refuses them, `half-open` lets a few through to see how they fare. */
export type CircuitState = "closed" | "open" | "half-open";

/**
 * Why a breaker changed its state: `failures` in a row or the `ratio` of the last calls opened it, `time` made it
 * half-open, `trial-failed` opened it again, `trials-passed` closed it.
 */
export type CircuitReason = "failures" | "ratio" | "time" | "trial-failed" | "trials-passed";

/** When a breaker opens and closes. */
export interface CircuitBreakerOptions {
  /** How many failures in a row open it; 5. */
  readonly failures?: number | undefined;
  /** Which share of the last `window` calls, when they have failed, opens it; above 0, at most 1; 0.5. */
  readonly ratio?: number | undefined;
  /**
   * Of how many calls `ratio` is the share; nothing is concluded from fewer, and only a failure opens it, though a
   * success may be what fills the window; 20, at most 10,000.
   */
  readonly window?: number | undefined;
  /** How long it stays open; 30,000. */
  readonly openMs?: number | undefined;
  /** How many successes in a row close it when it is half-open, and how many calls at a time may try; 1. */
  readonly trials?: number | undefined;
  /**
   * Which failures count; all but `CIRCUIT_OPEN`. Not asked for `VALIDATION_INPUT`, `CONFIG`, `CANCELLED` and
   * `BUDGET_EXCEEDED`, which are the caller's and never count. When it throws, the failure counts.
   */
  readonly counts?: ((error: AnyAtomicError) => boolean) | undefined;
  /** Called after each change; what it throws is logged and changes nothing. */
  readonly onChange?: ((state: CircuitState, why: CircuitReason) => void) | undefined;
}

/** What a breaker has counted. */
export interface CircuitTally {
  /** Since the last success; what opened the breaker, while it is not closed. */
  readonly failuresInARow: number;
  /** How many calls the window holds. */
  readonly callsInWindow: number;
  readonly failuresInWindow: number;
  /** Calls that are trying whether a half-open breaker may close. */
  readonly trialsRunning: number;
  /** Their successes in a row. */
  readonly trialsPassed: number;
  /** How many calls it has refused, ever. */
  readonly refused: number;
}

const optionKeys: readonly (keyof CircuitBreakerOptions)[] = [
  "failures",
  "ratio",
  "window",
  "openMs",
  "trials",
  "counts",
  "onChange",
];
const maxWindow = 10_000;

/** What is the caller's fault, or nobody's. */
const neverCounted: ReadonlySet<ErrorCode> = new Set([
  "VALIDATION_INPUT",
  "CONFIG",
  "CANCELLED",
  "BUDGET_EXCEEDED",
]);

/**
 * Remembers how calls of an agent fared, and refuses them for a while when they keep failing. One breaker may stand
 * around several agents, which then share its fate.
 *
 * It changes only with a call: `state` is as the last one left it, and a breaker whose time is over says `open` until
 * the next call makes it `half-open`. Calls that began before a change have no say after it. Time is taken from the
 * clock of the run that asks, and may step back.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const breaker = new CircuitBreaker({ failures: 3, openMs: 10_000 });
 * console.log(breaker.state, breaker.tally.failuresInARow); // => closed 0
 * ```
 */
export class CircuitBreaker implements Guard {
  /** Not part of the public interface. */
  readonly "~guards" = "circuit-breaker";
  readonly #failures: number;
  readonly #ratio: number;
  readonly #openMs: number;
  readonly #trials: number;
  readonly #counts: CircuitBreakerOptions["counts"];
  readonly #onChange: CircuitBreakerOptions["onChange"];
  readonly #window: OutcomeWindow;
  #state: CircuitState = "closed";
  /** Raised with each change: what began before it no longer counts. */
  #generation = 0;
  #failuresInARow = 0;
  #trialsRunning = 0;
  #trialsPassed = 0;
  #refused = 0;
  /** Until when it is open. */
  #rest: Countdown | undefined;
  #lastFailure: AtomicError | undefined;

  constructor(options: CircuitBreakerOptions = {}) {
    const what = "CircuitBreaker";
    checkKeys(what, options, optionKeys);
    const { failures = 5, ratio = 0.5, window = 20, openMs = 30_000, trials = 1, counts, onChange } = options;
    checkCount(what, "failures", failures);
    if (typeof ratio !== "number" || !(ratio > 0 && ratio <= 1)) {
      throw configError(what, "ratio", "a number above 0 and at most 1", ratio);
    }
    if (!Number.isInteger(window) || window < 1 || window > maxWindow) {
      throw configError(what, "window", `a whole number from 1 to ${maxWindow}`, window);
    }
    checkMs(what, "openMs", openMs);
    checkCount(what, "trials", trials);
    if (counts !== undefined && typeof counts !== "function") {
      throw configError(what, "counts", "a function", counts);
    }
    if (onChange !== undefined && typeof onChange !== "function") {
      throw configError(what, "onChange", "a function", onChange);
    }
    this.#failures = failures;
    this.#ratio = ratio;
    this.#openMs = openMs;
    this.#trials = trials;
    this.#counts = counts;
    this.#onChange = onChange;
    this.#window = new OutcomeWindow(window);
  }

  /** As the last call left it. */
  get state(): CircuitState {
    return this.#state;
  }

  /** What it has counted, as the last call left it. */
  get tally(): CircuitTally {
    return {
      failuresInARow: this.#failuresInARow,
      callsInWindow: this.#window.calls,
      failuresInWindow: this.#window.failures,
      trialsRunning: this.#trialsRunning,
      trialsPassed: this.#trialsPassed,
      refused: this.#refused,
    };
  }

  /** Not part of the public interface. */
  "~guard"(next: Work, agent: string): Work {
    return (input, ctx) => {
      if (this.#state !== "closed") this.#admit(ctx, agent);
      const generation = this.#generation;
      let output: unknown;
      try {
        output = next(input, ctx);
      } catch (thrown) {
        this.#end(generation, ctx, agent, { thrown });
        throw thrown;
      }
      const pending = pendingOf(output);
      if (pending !== undefined) return this.#watch(pending, generation, ctx, agent);
      this.#end(generation, ctx, agent, undefined);
      return output;
    };
  }

  #watch(pending: Pending, generation: number, ctx: Scope, agent: string): Pending {
    let isGivenUp = ctx.ended !== undefined;
    const onGivenUp = (): void => {
      isGivenUp = true;
      this.#giveUp(generation, ctx, agent);
    };
    if (isGivenUp) this.#giveUp(generation, ctx, agent);
    else ctx.whenGivenUp(onGivenUp);
    return pending.watch({
      succeed: () => {
        if (isGivenUp) return;
        ctx.forget(onGivenUp);
        this.#succeed(generation, ctx, agent);
      },
      fail: (thrown) => {
        if (isGivenUp) return;
        ctx.forget(onGivenUp);
        this.#fail(generation, ctx, agent, thrown);
      },
    });
  }

  /** Refuses a call, or takes it for a trial. */
  #admit(ctx: Scope, agent: string): void {
    if (this.#state === "open") {
      const leftMs = this.#rest?.leftMs(ctx.clock) ?? 0;
      if (leftMs > 0) throw this.#refusal(agent, Math.ceil(leftMs));
      this.#become("half-open", "time", ctx, agent);
    }
    // A listener may have made calls of its own meanwhile.
    const state: CircuitState = this.#state;
    if (state === "closed") return;
    if (state === "open" || this.#trialsRunning >= this.#trials) throw this.#refusal(agent, undefined);
    this.#trialsRunning++;
  }

  /** A call that ended without a wait; what it gave no longer counts when it was given up on meanwhile. */
  #end(
    generation: number,
    ctx: Scope,
    agent: string,
    failure: { readonly thrown: unknown } | undefined,
  ): void {
    if (ctx.ended !== undefined) this.#giveUp(generation, ctx, agent);
    else if (failure === undefined) this.#succeed(generation, ctx, agent);
    else this.#fail(generation, ctx, agent, failure.thrown);
  }

  #succeed(generation: number, ctx: Scope, agent: string): void {
    if (generation !== this.#generation) return;
    if (this.#state === "closed") {
      this.#failuresInARow = 0;
      this.#window.add(0);
      return;
    }
    this.#trialsRunning--;
    this.#trialsPassed++;
    if (this.#trialsPassed >= this.#trials) this.#become("closed", "trials-passed", ctx, agent);
  }

  #fail(generation: number, ctx: Scope, agent: string, thrown: unknown): void {
    if (generation !== this.#generation) return;
    const error = stageError(ctx["~frame"], thrown, "execute");
    const isCounted = this.#isCounted(error);
    // `counts` is the user's, and may have made calls of its own.
    if (generation !== this.#generation) return;
    if (!isCounted) {
      this.#countNothing(generation);
      return;
    }
    this.#lastFailure = error;
    if (this.#state === "half-open") {
      this.#become("open", "trial-failed", ctx, agent);
      return;
    }
    const window = this.#window;
    this.#failuresInARow++;
    window.add(1);
    if (this.#failuresInARow >= this.#failures) this.#become("open", "failures", ctx, agent);
    else if (window.isFull && window.failures / window.calls >= this.#ratio) {
      this.#become("open", "ratio", ctx, agent);
    }
  }

  /** The attempt was given up on: for having had its time, which is a failure, or for what is not the agent's fault. */
  #giveUp(generation: number, ctx: Scope, agent: string): void {
    const reason = ctx.ended?.reason;
    if (AtomicError.isInstance(reason, "TIMEOUT") && reason.details.scope === "attempt") {
      this.#fail(generation, ctx, agent, reason);
    } else this.#countNothing(generation);
  }

  #countNothing(generation: number): void {
    if (generation === this.#generation && this.#state === "half-open") this.#trialsRunning--;
  }

  #isCounted(error: AtomicError): boolean {
    if (neverCounted.has(error.code)) return false;
    if (this.#counts === undefined) return error.code !== "CIRCUIT_OPEN";
    try {
      // An error of any code is one of the union. What is promised instead of said comes too late: the failure counts.
      const counted: unknown = this.#counts(error as AnyAtomicError);
      if (isThenable(counted)) counted.then(undefined, () => {});
      return counted !== false;
    } catch {
      return true;
    }
  }

  #become(state: CircuitState, why: CircuitReason, ctx: Scope, agent: string): void {
    this.#state = state;
    this.#generation++;
    this.#trialsRunning = 0;
    this.#trialsPassed = 0;
    this.#rest = state === "open" ? new Countdown(ctx.clock, this.#openMs) : undefined;
    const failure = this.#lastFailure;
    if (state === "closed") {
      this.#failuresInARow = 0;
      this.#window.clear();
      this.#lastFailure = undefined;
    }
    this.#tell(state, why, ctx, { agent, why, error: failure?.message });
  }

  /** Nobody who is told can break the call that caused the change. */
  #tell(
    state: CircuitState,
    why: CircuitReason,
    ctx: Scope,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    try {
      const isNews = state === "open" && why !== "trial-failed";
      ctx.log[isNews ? "warn" : "info"](`circuit breaker is ${state}`, fields);
      const told: unknown = this.#onChange?.(state, why);
      if (isThenable(told)) told.then(undefined, (thrown: unknown) => logThrown(ctx, thrown));
    } catch (thrown) {
      logThrown(ctx, thrown);
    }
  }

  #refusal(agent: string, retryAfterMs: number | undefined): AtomicError<"CIRCUIT_OPEN"> {
    this.#refused++;
    const when =
      retryAfterMs === undefined
        ? "is trying whether the agent is well again"
        : `lets the next call through in ${retryAfterMs} ms`;
    return new AtomicError(
      "CIRCUIT_OPEN",
      `The circuit breaker of agent "${agent}" is ${this.#state}: it ${when}`,
      {
        details: retryAfterMs === undefined ? {} : { retryAfterMs },
        cause: this.#lastFailure,
      },
    );
  }
}

function logThrown(ctx: Scope, thrown: unknown): void {
  try {
    ctx.log.error("the listener of a circuit breaker threw", { error: thrown });
  } catch {
    // The log itself throws: there is nobody left to tell.
  }
}
