import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import { Pending, settled } from "../run/pending.ts";
import type { Work } from "../run/work.ts";
import type { Clock, Timer } from "../time/clock.ts";
import type { Guard } from "./guard.ts";
import { WaitQueue } from "./wait-queue.ts";

/** How many calls may begin in a span of time, and how many may wait for how long. */
export interface RateLimitOptions {
  /** How many calls may begin in each `perMs`. */
  readonly limit: number;
  readonly perMs: number;
  /** How many may begin at once after a pause; as many as `limit`. */
  readonly burst?: number | undefined;
  /** How many calls may wait; 1,000. With 0 a call begins at once or is refused. */
  readonly maxWaiting?: number | undefined;
  /** The most a call may wait; 30,000. One that would have to wait longer is refused at once. */
  readonly maxWaitMs?: number | undefined;
}

/**
 * A number of calls that may begin in a span of time; the others wait, first come, first served. One limit may stand
 * around several agents, which then share it.
 *
 * A token bucket: it holds `burst` tokens and is full at first, each call takes one, and `limit` of them come back
 * evenly over each `perMs`. So in a span of t milliseconds, wherever it begins, at most `burst + limit * t / perMs`
 * calls begin. Waits take whole milliseconds. A call of which the input is refused has taken its token, too; one that
 * is given up on while it waits takes none.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const limit = new RateLimit({ limit: 60, perMs: 60_000, burst: 5 });
 * console.log(limit.waiting); // => 0
 * ```
 */
export class RateLimit implements Guard {
  /** Not part of the public interface. */
  readonly "~guards" = "rate-limit";
  /** How many calls may begin in each `perMs`. */
  readonly limit: number;
  readonly perMs: number;
  /** How many may begin at once after a pause. */
  readonly burst: number;
  readonly #maxWaiting: number;
  readonly #maxWaitMs: number;
  /** How far apart the turns of those who wait are. */
  readonly #stepMs: number;
  readonly #queue: WaitQueue;
  /** A full bucket. */
  readonly #mostCredit: number;
  /** Each millisecond earns `limit` and each call costs `perMs`: in whole numbers nothing is lost by rounding. */
  #credit: number;
  /** The clock that the credit was last reckoned on, and when. */
  #clock: Clock | undefined;
  #reckonedMs = 0;
  /** Runs while somebody waits, on the clock of whose turn is next. */
  #timer: Timer | undefined;
  #timerClock: Clock | undefined;

  constructor(options: RateLimitOptions) {
    const what = "RateLimit";
    checkKeys(what, options, ["limit", "perMs", "burst", "maxWaiting", "maxWaitMs"]);
    const { limit, perMs, burst = limit, maxWaiting = 1_000, maxWaitMs = 30_000 } = options;
    if (limit === undefined) throw configError(what, "limit", "a whole number from 1", limit);
    if (perMs === undefined) throw configError(what, "perMs", "a number of milliseconds from 1", perMs);
    checkCount(what, "limit", limit);
    checkMs(what, "perMs", perMs);
    checkCount(what, "burst", burst);
    checkCount(what, "maxWaiting", maxWaiting, 0);
    checkMs(what, "maxWaitMs", maxWaitMs);
    this.limit = limit;
    this.perMs = perMs;
    this.burst = burst;
    this.#maxWaiting = maxWaiting;
    this.#maxWaitMs = maxWaitMs;
    // A bucket for one token keeps nothing of what comes in the rest of a millisecond.
    this.#stepMs = burst === 1 ? Math.ceil(perMs / limit) : perMs / limit;
    this.#mostCredit = burst * perMs;
    this.#credit = this.#mostCredit;
    this.#queue = new WaitQueue(
      {
        serve: () => this.#serve(),
        takeBack: () => {
          this.#credit = Math.min(this.#mostCredit, this.#credit + perMs);
          this.#serve();
        },
        tooLong: () => this.#refusal(`its turn did not come within ${maxWaitMs} ms`, this.#waitMs()),
      },
      maxWaitMs,
    );
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Not part of the public interface. */
  "~guard"(next: Work): Work {
    return (input, ctx) => {
      if (this.#takes(ctx.clock)) return next(input, ctx);
      const waitMs = this.#waitMs();
      if (this.#queue.size >= this.#maxWaiting) {
        throw this.#refusal(`${this.#queue.size} calls wait already`, waitMs);
      }
      if (waitMs > this.#maxWaitMs) {
        throw this.#refusal(`it would have to wait longer than ${this.#maxWaitMs} ms`, waitMs);
      }
      const output = this.#queue.wait(ctx, () => settled(next(input, ctx)));
      this.#setTimer();
      return new Pending(output, undefined);
    };
  }

  /** Takes a token, when there is one and nobody waits for it. */
  #takes(clock: Clock): boolean {
    if (this.#queue.size > 0) this.#serve();
    if (this.#queue.size > 0) return false;
    this.#reckon(clock);
    if (this.#credit < this.perMs) return false;
    this.#credit -= this.perMs;
    return true;
  }

  /** Adds what was earned since the last time. The two scales of two clocks cannot be compared, so each is read. */
  #reckon(clock: Clock): void {
    if (this.#clock !== undefined) {
      const nowMs = this.#clock.now();
      // A clock that stepped back earns nothing for it.
      const earned = Math.max(0, nowMs - this.#reckonedMs) * this.limit;
      this.#credit = Math.min(this.#mostCredit, this.#credit + earned);
      this.#reckonedMs = nowMs;
    }
    if (clock === this.#clock) return;
    this.#clock = clock;
    this.#reckonedMs = clock.now();
  }

  /** Calls those whose tokens are there; the timer goes on for the others. */
  #serve(): void {
    for (let { next } = this.#queue; next !== undefined; { next } = this.#queue) {
      this.#reckon(next.clock);
      if (this.#credit < this.perMs) break;
      this.#credit -= this.perMs;
      this.#queue.call();
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const clock = this.#queue.next?.clock;
    if (this.#timer !== undefined) {
      // One that rings too early is set anew then.
      if (clock === this.#timerClock) return;
      this.#timer.cancel();
      this.#timer = undefined;
    }
    this.#timerClock = clock;
    if (clock === undefined) return;
    const delayMs = Math.max(1, Math.ceil((this.perMs - this.#credit) / this.limit));
    this.#timer = clock.setTimer(() => {
      this.#timer = undefined;
      this.#serve();
    }, delayMs);
  }

  /** How long one more would wait. */
  #waitMs(): number {
    const firstMs = (this.perMs - this.#credit) / this.limit;
    return Math.max(0, Math.ceil(firstMs + this.#queue.size * this.#stepMs));
  }

  #refusal(why: string, retryAfterMs: number): AtomicError<"RATE_LIMITED"> {
    const rate = `${this.limit} in ${this.perMs} ms`;
    return new AtomicError("RATE_LIMITED", `The rate limit of ${rate} refused the call: ${why}`, {
      details: { retryAfterMs },
      hint: "Try again after details.retryAfterMs, send less, or raise the limit's maxWaiting or maxWaitMs.",
    });
  }
}
