import type { AtomicError } from "../errors/atomic-error.ts";
import type { Log } from "../log.ts";
import { logError } from "../log-error.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Clock } from "../time/clock.ts";
import { withinMs } from "../time/deadline.ts";
import { closedError } from "./closed-error.ts";
import type { Resource } from "./resource.ts";
import { resourceError } from "./resource-error.ts";

/** Something that was made. */
export interface Made {
  readonly asked: Resource<unknown>;
  readonly value: unknown;
}

/** Makes things, remembers them in order, and disposes of them in reverse. */
export class Maker {
  readonly clock: Clock;
  private readonly log: Log;
  private readonly made: Made[] = [];
  /** What is being made, or disposed of because it came too late. */
  private readonly underWay = new Set<Promise<unknown>>();
  /** Tell what is being made that nobody waits for it any more. */
  private readonly making = new Set<AbortController>();
  private isClosed = false;

  constructor(clock: Clock, log: Log) {
    this.clock = clock;
    this.log = log;
  }

  get size(): number {
    return this.made.length;
  }

  /** @throws AtomicError `RESOURCE` when it fails, takes longer than it may, or the set is closed meanwhile */
  make(asked: Resource<unknown>): Promise<Made> {
    return this.watch(this.create(asked));
  }

  /** Disposes of everything, and gives what went wrong. Never rejects. */
  async close(): Promise<readonly AtomicError<"RESOURCE">[]> {
    this.isClosed = true;
    for (const controller of this.making) controller.abort(new Error("the set of resources is closed"));
    await Promise.allSettled(this.underWay);
    const failures: AtomicError<"RESOURCE">[] = [];
    for (let made = this.made.pop(); made !== undefined; made = this.made.pop()) {
      const failure = await this.dispose(made);
      if (failure !== undefined) failures.push(failure);
    }
    return failures;
  }

  private async create(asked: Resource<unknown>): Promise<Made> {
    const { name } = asked;
    const { create, timeoutMs } = asked["~resource"];
    const controller = new AbortController();
    this.making.add(controller);
    let value: unknown;
    try {
      value = create({ signal: controller.signal, clock: this.clock, log: this.log });
      if (isThenable(value)) {
        const late = (): Error => {
          const error = new Error(`create took longer than ${timeoutMs} ms`);
          controller.abort(error);
          return error;
        };
        // One that comes too late is not used, but it is there.
        const onLate = (given: unknown): void => {
          void this.watch(this.disposeLate({ asked, value: given }));
        };
        value = await withinMs(value, this.clock, timeoutMs, late, onLate);
      }
    } catch (thrown) {
      throw resourceError(name, "create", thrown);
    } finally {
      this.making.delete(controller);
    }
    const made = { asked, value };
    this.made.push(made);
    // It is there, to be disposed of with the others.
    if (this.isClosed) throw closedError(name, "create");
    return made;
  }

  private watch<TValue>(work: Promise<TValue>): Promise<TValue> {
    this.underWay.add(work);
    const forget = (): void => void this.underWay.delete(work);
    work.then(forget, forget);
    return work;
  }

  private async dispose({ asked, value }: Made): Promise<AtomicError<"RESOURCE"> | undefined> {
    const { dispose, timeoutMs } = asked["~resource"];
    if (dispose === undefined) return undefined;
    try {
      // What its own `create` gave.
      const given = dispose(value as never);
      const late = (): Error => new Error(`dispose took longer than ${timeoutMs} ms`);
      if (isThenable(given)) await withinMs(given, this.clock, timeoutMs, late);
      return undefined;
    } catch (thrown) {
      return resourceError(asked.name, "dispose", thrown);
    }
  }

  private async disposeLate(made: Made): Promise<void> {
    const failure = await this.dispose(made);
    if (failure !== undefined) logError(this.log, failure.message);
  }
}
