import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import type { Scope } from "../run/scope.ts";
import { Pending, pendingOf, settled } from "../run/pending.ts";
import type { Work } from "../run/work.ts";
import type { Guard } from "./guard.ts";
import { WaitQueue } from "./wait-queue.ts";

/** How many calls run at a time, and how many may wait for how long. */
export interface ConcurrencyLimitOptions {
  /** How many calls run at a time. */
  readonly max: number;
  /** How many calls may wait; 1,000. With 0 a call runs at once or is refused. */
  readonly maxWaiting?: number | undefined;
  /** The most a call may wait; 30,000. */
  readonly maxWaitMs?: number | undefined;
}

/**
 * A number of calls that may run at a time; the others wait, first come, first served. One limit may stand around
 * several agents, which then share its places. A place is free again when its call has ended or its attempt was given
 * up on.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const limit = new ConcurrencyLimit({ max: 4 });
 * console.log(limit.active, limit.waiting); // => 0 0
 * ```
 */
export class ConcurrencyLimit implements Guard {
  /** Not part of the public interface. */
  readonly "~guards" = "concurrency-limit";
  /** How many calls run at a time. */
  readonly max: number;
  readonly #maxWaiting: number;
  readonly #queue: WaitQueue;
  #active = 0;

  constructor(options: ConcurrencyLimitOptions) {
    const what = "ConcurrencyLimit";
    checkKeys(what, options, ["max", "maxWaiting", "maxWaitMs"]);
    const { max, maxWaiting = 1_000, maxWaitMs = 30_000 } = options;
    if (max === undefined) throw configError(what, "max", "a whole number from 1", max);
    checkCount(what, "max", max);
    checkCount(what, "maxWaiting", maxWaiting, 0);
    checkMs(what, "maxWaitMs", maxWaitMs);
    this.max = max;
    this.#maxWaiting = maxWaiting;
    const leave = (): void => this.#leave();
    const tooLong = (): AtomicError => this.#refusal(`none came free within ${maxWaitMs} ms`);
    // A place that comes free is handed on at once: nobody's turn comes by time alone.
    this.#queue = new WaitQueue({ serve: () => {}, takeBack: leave, tooLong }, maxWaitMs);
  }

  /** How many calls hold a place. */
  get active(): number {
    return this.#active;
  }

  /** How many calls wait for one. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Not part of the public interface. */
  "~guard"(next: Work): Work {
    return (input, ctx) => {
      // While somebody waits there is no free place, so nobody is overtaken.
      if (this.#active < this.max) {
        this.#active++;
        return this.#perform(next, input, ctx);
      }
      if (this.#queue.size >= this.#maxWaiting) {
        throw this.#refusal(`${this.#queue.size} calls wait for one already`);
      }
      const output = this.#queue.wait(ctx, () => settled(this.#perform(next, input, ctx)));
      return new Pending(output, undefined);
    };
  }

  /** Does the work of a call that holds a place. */
  #perform(next: Work, input: unknown, ctx: Scope): unknown {
    let output: unknown;
    try {
      output = next(input, ctx);
    } catch (thrown) {
      this.#leave();
      throw thrown;
    }
    const pending = pendingOf(output);
    if (pending !== undefined) return this.#watch(pending, ctx);
    this.#leave();
    return output;
  }

  #watch(pending: Pending, ctx: Scope): Pending {
    let isGivenUp = ctx.ended !== undefined;
    const onGivenUp = (): void => {
      isGivenUp = true;
      this.#leave();
    };
    const onEnd = (): void => {
      if (isGivenUp) return;
      ctx.forget(onGivenUp);
      this.#leave();
    };
    if (isGivenUp) this.#leave();
    else ctx.whenGivenUp(onGivenUp);
    return pending.watch({ succeed: onEnd, fail: onEnd });
  }

  /** Frees a place, or hands it to the first who waits. */
  #leave(): void {
    if (this.#queue.size > 0) this.#queue.call();
    else this.#active--;
  }

  #refusal(why: string): AtomicError<"RATE_LIMITED"> {
    const places = this.max === 1 ? "the one place is taken" : `all ${this.max} places are taken`;
    return new AtomicError("RATE_LIMITED", `The concurrency limit refused the call: ${places}, and ${why}`, {
      details: {},
      hint: "Send less at a time, or raise the limit's max, maxWaiting or maxWaitMs. Does an agent under this limit run itself?",
    });
  }
}
