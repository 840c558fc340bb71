import type { AtomicError } from "../errors/atomic-error.ts";
import type { Scope } from "../run/scope.ts";
import { cancelledError } from "../run/stage-error.ts";
import type { Sleeper } from "../time/alarms.ts";
import type { TimerWheel } from "../time/timer-wheel.ts";

/** What a queue asks of the limit that it stands before. */
export interface QueueOwner {
  /** Calls those whose turn has come. */
  readonly serve: () => void;
  /** Takes back the turn of one who was called, and given up on before it could begin. */
  readonly takeBack: () => void;
  /** The failure of one who has waited too long. */
  readonly tooLong: () => AtomicError;
}

/** One who waits. It is its own place in the queue and its own alarm. */
class Waiter implements Sleeper {
  /** Ends what the run's status says of the wait. */
  endWait: (() => void) | undefined = undefined;
  // The place in the timer wheel; see Sleeper.
  dueMs = Number.POSITIVE_INFINITY;
  slot = 0;
  wheel: TimerWheel | undefined = undefined;
  before: Sleeper | undefined = undefined;
  after: Sleeper | undefined = undefined;

  // The place in the queue.
  ahead: Waiter | undefined = undefined;
  behind: Waiter | undefined = undefined;

  readonly queue: WaitQueue;
  readonly ctx: Scope;
  isCalled = false;
  readonly turn: Promise<void>;
  resolve!: () => void;
  reject!: (error: AtomicError) => void;

  constructor(queue: WaitQueue, ctx: Scope) {
    this.queue = queue;
    this.ctx = ctx;
    this.turn = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Its wait is as long as it may be. */
  wake(): void {
    this.queue.expire(this);
  }

  readonly onGivenUp = (): void => this.queue.giveUp(this);
}

/**
 * Calls wait here for their turn, first come, first served. A wait ends by its turn, at the latest after `maxWaitMs`
 * on the clock of its run, or when its attempt is given up on; anybody leaves at once, from any place.
 */
export class WaitQueue {
  readonly #owner: QueueOwner;
  readonly #maxWaitMs: number;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #size = 0;

  constructor(owner: QueueOwner, maxWaitMs: number) {
    this.#owner = owner;
    this.#maxWaitMs = maxWaitMs;
  }

  get size(): number {
    return this.#size;
  }

  /** The context of the one whose turn is next. */
  get next(): Scope | undefined {
    return this.#first?.ctx;
  }

  /** Waits at the end of the queue, then begins. */
  wait(ctx: Scope, begin: () => unknown): Promise<unknown> {
    const waiter = new Waiter(this, ctx);
    const last = this.#last;
    waiter.endWait = ctx.beginWait();
    waiter.ahead = last;
    if (last === undefined) this.#first = waiter;
    else last.behind = waiter;
    this.#last = waiter;
    this.#size++;
    ctx.whenGivenUp(waiter.onGivenUp);
    const { alarms, clock } = ctx["~frame"].env;
    const nowMs = clock.now();
    alarms.arm(waiter, nowMs + this.#maxWaitMs, nowMs);
    return waiter.turn.then(() => {
      // Given up on since it was called; its turn went back then.
      ctx.throwIfEnded();
      ctx.forget(waiter.onGivenUp);
      return begin();
    });
  }

  /** Calls the first one; it begins when the code that runs now has ended. */
  call(): void {
    const waiter = this.#first;
    if (waiter === undefined) return;
    this.#remove(waiter);
    waiter.isCalled = true;
    waiter.resolve();
  }

  giveUp(waiter: Waiter): void {
    if (waiter.isCalled) {
      this.#owner.takeBack();
      return;
    }
    const { ctx } = waiter;
    this.#remove(waiter);
    waiter.reject(cancelledError(ctx["~frame"], ctx.ended?.reason));
    this.#owner.serve();
  }

  expire(waiter: Waiter): void {
    // A turn that comes at this very moment is in time.
    this.#owner.serve();
    if (waiter.isCalled) return;
    this.#remove(waiter);
    waiter.ctx.forget(waiter.onGivenUp);
    waiter.reject(this.#owner.tooLong());
    this.#owner.serve();
  }

  #remove(waiter: Waiter): void {
    waiter.endWait?.();
    const { ahead, behind } = waiter;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    waiter.ahead = undefined;
    waiter.behind = undefined;
    this.#size--;
    waiter.ctx["~frame"].env.alarms.disarm(waiter);
  }
}
