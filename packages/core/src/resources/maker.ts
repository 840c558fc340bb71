import type { AtomicError } from "../errors/atomic-error.ts";
import type { Log } from "../log.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Clock } from "../time/clock.ts";
import { withinMs } from "../time/deadline.ts";
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
  private readonly controller = new AbortController();
  /** What is being made. */
  private readonly making = new Set<Promise<unknown>>();

  constructor(clock: Clock, log: Log) {
    this.clock = clock;
    this.log = log;
  }

  get size(): number {
    return this.made.length;
  }

  /** @throws AtomicError `RESOURCE` when it fails, or takes longer than it may */
  make(asked: Resource<unknown>): Promise<Made> {
    const making = this.create(asked);
    this.making.add(making);
    const forget = (): void => void this.making.delete(making);
    making.then(forget, forget);
    return making;
  }

  /** Disposes of everything, and gives what went wrong. Never rejects. */
  async close(): Promise<readonly AtomicError<"RESOURCE">[]> {
    this.controller.abort(new Error("the set of resources is closed"));
    await Promise.allSettled(this.making);
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
    const timeout = new AbortController();
    const signal = AbortSignal.any([this.controller.signal, timeout.signal]);
    try {
      signal.throwIfAborted();
      const given = create({ signal, clock: this.clock, log: this.log });
      if (!isThenable(given)) return this.keep(asked, given);
      const late = (): Error => {
        const error = new Error(`create took longer than ${timeoutMs} ms`);
        timeout.abort(error);
        return error;
      };
      // One that comes too late is not used, but it is there.
      const onLate = (value: unknown): void => void this.disposeLate({ asked, value });
      return this.keep(asked, await withinMs(given, this.clock, timeoutMs, late, onLate));
    } catch (thrown) {
      throw resourceError(name, "create", thrown);
    }
  }

  private keep(asked: Resource<unknown>, value: unknown): Made {
    const made = { asked, value };
    this.made.push(made);
    return made;
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
    if (failure !== undefined) this.log.error(failure.message);
  }
}
