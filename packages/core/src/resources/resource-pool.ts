import type { Scope } from "../run/scope.ts";
import { afterMs } from "../time/deadline.ts";
import type { Made, Maker } from "./maker.ts";
import type { ResolvedResource, Resource } from "./resource.ts";
import { resourceError } from "./resource-error.ts";
import { untilGivenUp } from "./until-given-up.ts";

interface Waiter {
  readonly resolve: (made: Made) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Several of one thing; each is lent to one attempt at a time, in the order in which they asked. */
export class ResourcePool {
  private readonly asked: Resource<unknown>;
  private readonly options: NonNullable<ResolvedResource["pool"]>;
  private readonly maker: Maker;
  private readonly free: Made[] = [];
  /** A set keeps its order, and a waiter leaves it at no cost. */
  private readonly waiters = new Set<Waiter>();
  private readonly loans = new WeakMap<Scope, Promise<Made>>();
  /** Those that are there or being made. */
  private count = 0;

  constructor(asked: Resource<unknown>, options: NonNullable<ResolvedResource["pool"]>, maker: Maker) {
    this.asked = asked;
    this.options = options;
    this.maker = maker;
  }

  /** One attempt gets one, however often it asks. */
  async use(ctx: Scope): Promise<unknown> {
    let loan = this.loans.get(ctx);
    if (loan === undefined) {
      loan = this.lend(ctx);
      this.loans.set(ctx, loan);
      // One that was not had may be asked for again.
      loan.then(undefined, () => this.loans.delete(ctx));
    }
    return (await loan).value;
  }

  /** Nobody gets one any more. */
  close(): void {
    for (const waiter of this.waiters) {
      waiter.reject(resourceError(this.asked.name, "wait", "the set of resources is closed"));
    }
    this.waiters.clear();
  }

  private async lend(ctx: Scope): Promise<Made> {
    const made = this.free.pop() ?? (await this.wait(ctx));
    // Between the answer and this line nobody has given up: that would have rejected the wait.
    ctx.whenOver(() => {
      this.loans.delete(ctx);
      this.takeBack(made);
    });
    return made;
  }

  private wait(ctx: Scope): Promise<Made> {
    const { size, maxWaitMs, maxWaiting } = this.options;
    const { name } = this.asked;
    if (this.count >= size && this.waiters.size >= maxWaiting) {
      const why = `all ${size} are in use, and ${maxWaiting} attempts wait for one`;
      return Promise.reject(resourceError(name, "wait", why));
    }
    let waiter: Waiter | undefined;
    const waiting = new Promise<Made>((resolve, reject) => {
      waiter = { resolve, reject };
      this.waiters.add(waiter);
    });
    const leave = (): void => {
      if (waiter !== undefined) this.waiters.delete(waiter);
    };
    const forget = afterMs(this.maker.clock, maxWaitMs, () => {
      leave();
      waiter?.reject(resourceError(name, "wait", `all ${size} were in use for ${maxWaitMs} ms`));
    });
    if (this.count < size) void this.add();
    return untilGivenUp(ctx, waiting).then(
      (made) => {
        forget();
        return made;
      },
      (thrown: unknown) => {
        forget();
        leave();
        // It was given one at the very moment at which it gave up.
        waiting.then((made) => this.takeBack(made), () => {});
        throw thrown;
      },
    );
  }

  /** Makes one more for whoever waits longest. */
  private async add(): Promise<void> {
    this.count++;
    try {
      this.takeBack(await this.maker.make(this.asked));
    } catch (thrown) {
      this.count--;
      const [first] = this.waiters;
      if (first !== undefined) {
        this.waiters.delete(first);
        first.reject(thrown);
      }
      // The others' turn to try comes with the next who asks; those who wait need one now.
      if (this.count === 0 && this.waiters.size > 0) void this.add();
    }
  }

  private takeBack(made: Made): void {
    const [first] = this.waiters;
    if (first === undefined) {
      this.free.push(made);
      return;
    }
    this.waiters.delete(first);
    first.resolve(made);
  }
}
