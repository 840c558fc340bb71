import type { AtomicError } from "../errors/atomic-error.ts";
import type { Scope } from "../run/scope.ts";
import { cancelledError } from "../run/stage-error.ts";
import { afterMs } from "../time/deadline.ts";
import { closedError } from "./closed-error.ts";
import type { Made, Maker } from "./maker.ts";
import type { ResolvedResource, Resource } from "./resource.ts";
import { resourceError } from "./resource-error.ts";

/** An attempt that waits for its turn. */
interface Waiter {
  readonly take: (made: Made) => void;
  readonly fail: (thrown: Error) => void;
}

/** Several of one thing; each is lent to one attempt at a time, in the order in which they asked. */
export class ResourcePool {
  private readonly asked: Resource<unknown>;
  private readonly options: NonNullable<ResolvedResource["pool"]>;
  private readonly maker: Maker;
  private readonly free: Made[] = [];
  /** A set keeps its order, and a waiter leaves it at no cost. */
  private readonly waiters = new Set<Waiter>();
  private readonly loans = new WeakMap<Scope, Promise<unknown>>();
  /** Those that are there or being made. */
  private count = 0;
  private makingCount = 0;

  constructor(asked: Resource<unknown>, options: NonNullable<ResolvedResource["pool"]>, maker: Maker) {
    this.asked = asked;
    this.options = options;
    this.maker = maker;
  }

  /** One attempt gets one, however often it asks. */
  use(ctx: Scope): Promise<unknown> {
    let loan = this.loans.get(ctx);
    if (loan === undefined) {
      loan = this.lend(ctx);
      this.loans.set(ctx, loan);
      // One that was not had may be asked for again.
      loan.then(undefined, () => this.loans.delete(ctx));
    }
    return loan;
  }

  /** Nobody gets one any more. */
  close(): void {
    for (const waiter of [...this.waiters]) waiter.fail(closedError(this.asked.name, "wait"));
  }

  private lend(ctx: Scope): Promise<unknown> {
    const made = this.free.pop();
    if (made === undefined) return this.wait(ctx);
    this.give(ctx, made);
    return Promise.resolve(made.value);
  }

  /** From here on it is the attempt's, until that is over, whether its code has heard of it or not. */
  private give(ctx: Scope, made: Made): void {
    ctx.whenOver(() => this.takeBack(made));
  }

  private wait(ctx: Scope): Promise<unknown> {
    const { size, maxWaitMs, maxWaiting } = this.options;
    const { name } = this.asked;
    // One is on its way to as many of those who wait.
    if (this.count >= size && this.waiters.size - this.makingCount >= maxWaiting) {
      const why = `all ${size} are in use, and ${maxWaiting} attempts wait for one`;
      return Promise.reject(resourceError(name, "wait", why));
    }
    const frame = ctx["~frame"];
    const { root } = frame;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (this.waiters.delete(waiter)) root.waitingCount--;
        ctx.forget(onOver);
        forget();
      };
      const waiter: Waiter = {
        take: (made) => {
          leave();
          this.give(ctx, made);
          resolve(made.value);
        },
        fail: (thrown) => {
          leave();
          reject(thrown);
        },
      };
      const onOver = (): void => waiter.fail(cancelledError(frame, ctx.ended?.reason));
      const forget = afterMs(this.maker.clock, maxWaitMs, () =>
        waiter.fail(resourceError(name, "wait", `none of ${size} for ${maxWaitMs} ms`)),
      );
      this.waiters.add(waiter);
      root.waitingCount++;
      ctx.whenOver(onOver);
      this.grow();
    });
  }

  /** Makes one more for whoever waits longest, while there may be more and none is on its way to them. */
  private grow(): void {
    while (this.count < this.options.size && this.waiters.size > this.makingCount) void this.add();
  }

  private async add(): Promise<void> {
    this.count++;
    this.makingCount++;
    try {
      const made = await this.maker.make(this.asked);
      this.makingCount--;
      this.takeBack(made);
    } catch (thrown) {
      this.makingCount--;
      this.count--;
      // Whoever waits longest is told, and those behind have a try of their own.
      const [first] = this.waiters;
      // The maker throws nothing else.
      first?.fail(thrown as AtomicError);
    }
    this.grow();
  }

  private takeBack(made: Made): void {
    const [first] = this.waiters;
    if (first === undefined) this.free.push(made);
    else first.take(made);
  }
}
