import { AtomicError, type Clock } from "@atomic-agents/core";
import { Queue } from "../queue.ts";
import type { MaybePromise } from "../maybe-promise.ts";

/** How many requests are let in. */
export interface GateLimits {
  readonly maxInFlight: number;
  readonly maxQueued: number;
  readonly maxQueueMs: number;
}

/** Who wants in. */
export interface Entrant {
  /** Has a function called when the entrant does not want in any more; undefined takes it back. */
  readonly whenGone: (callback: ((reason: string) => void) | undefined) => void;
}

interface Waiter {
  readonly dueMs: number;
  readonly tell: (refusal: AtomicError | undefined) => void;
}

/**
 * Lets so many requests in at a time, first come, first served. So many more may wait, for so long; all others are
 * refused at once, for a request that waits longer than its caller does is work for nobody.
 */
export class Gate {
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  readonly #waiters = new Queue<Waiter>();
  #inFlight = 0;
  #hasTimer = false;

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#waiters.size;
  }

  /** Takes a place. Gives what the request is refused with when there is none. */
  enter(entrant: Entrant): MaybePromise<AtomicError | undefined> {
    if (this.#inFlight < this.#limits.maxInFlight) {
      this.#inFlight++;
      return undefined;
    }
    return this.refusal() ?? this.#wait(entrant);
  }

  /** What a request would be refused with that came now; undefined where it would get in, or may wait. */
  refusal(): AtomicError | undefined {
    const { maxInFlight, maxQueued } = this.#limits;
    if (this.#inFlight < maxInFlight || this.#waiters.size < maxQueued) return undefined;
    return overloaded("more requests than it has room for");
  }

  /** Gives a place back. */
  leave(): void {
    // With places that were held there may be more in flight than are let in: then this one is nobody's.
    if (this.#inFlight > this.#limits.maxInFlight || this.#waiters.size === 0) {
      this.#inFlight--;
      return;
    }
    // The place goes to who has waited longest, and is never free in between.
    this.#waiters.takeFirst()?.tell(undefined);
  }

  /** Takes a place, also when there is none, until the work is over. For work that goes on when its request is answered. */
  hold(work: PromiseLike<unknown>): void {
    this.#inFlight++;
    const leave = (): void => this.leave();
    work.then(leave, leave);
  }

  #wait(entrant: Entrant): Promise<AtomicError | undefined> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        dueMs: this.#clock.now() + this.#limits.maxQueueMs,
        tell: (refusal) => {
          entrant.whenGone(undefined);
          resolve(refusal);
        },
      };
      const spot = this.#waiters.add(waiter);
      entrant.whenGone((reason) => {
        this.#waiters.remove(spot);
        resolve(overloaded(`no caller any more: ${reason}`));
      });
      this.#setTimer();
    });
  }

  /** All wait equally long, so the first one is due first. */
  #setTimer(): void {
    const { first } = this.#waiters;
    if (this.#hasTimer || first === undefined) return;
    this.#hasTimer = true;
    this.#clock.setTimer(
      () => {
        this.#hasTimer = false;
        this.#refuseLate();
        this.#setTimer();
      },
      Math.max(0, first.dueMs - this.#clock.now()),
    );
  }

  #refuseLate(): void {
    const nowMs = this.#clock.now();
    while ((this.#waiters.first?.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      this.#waiters.takeFirst()?.tell(overloaded("no room for the request in time"));
    }
  }
}

export function overloaded(why: string): AtomicError<"OVERLOADED"> {
  return new AtomicError("OVERLOADED", `The service has ${why}`, { details: { retryAfterMs: 1_000 } });
}
