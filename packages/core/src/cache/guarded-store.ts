import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import type { Scope } from "../run/scope.ts";
import { afterMs } from "../time/deadline.ts";
import { isCacheEntry } from "./cache-entry.ts";
import type { CacheEntry, CacheKey, CacheStore } from "./cache-store.ts";

/** The longest wait for a store. */
const maxWaitMs = 5_000;

/** Stores whose failure some log has been told of. */
const told = new WeakSet<CacheStore>();

/** What did not come in time, or failed, which has been said. */
const failed = Symbol("failed");

/** A store that cannot fail or hold up a run: each of its calls is bounded, and a failure is no entry. */
export class GuardedStore {
  private readonly store: CacheStore;
  private readonly agent: string;

  constructor(store: CacheStore, agent: string) {
    this.store = store;
    this.agent = agent;
  }

  /** Never throws, and resolves in time; left pending when the attempt is given up on. */
  get(key: CacheKey, nowMs: number, ctx: Scope): MaybePromise<CacheEntry | undefined> {
    try {
      const given: unknown = this.store.get(key, nowMs);
      if (given === undefined) return undefined;
      if (!isThenable(given)) return this.entryOf(given, ctx);
      return this.inTime("get", given, ctx).then((late) => this.entryOf(late, ctx));
    } catch (thrown) {
      this.tell("get", thrown, ctx);
      return undefined;
    }
  }

  /** Never throws, and resolves in time; left pending when the attempt is given up on. */
  set(key: CacheKey, entry: CacheEntry, ctx: Scope): MaybePromise<unknown> {
    try {
      const given: unknown = this.store.set(key, entry);
      return isThenable(given) ? this.inTime("set", given, ctx) : undefined;
    } catch (thrown) {
      this.tell("set", thrown, ctx);
      return undefined;
    }
  }

  /** Is not waited for: what is set afterwards takes the place of the entry anyway. */
  delete(key: CacheKey, ctx: Scope): void {
    try {
      const given: unknown = this.store.delete(key);
      if (isThenable(given)) given.then(undefined, (thrown: unknown) => this.tell("delete", thrown, ctx));
    } catch (thrown) {
      this.tell("delete", thrown, ctx);
    }
  }

  private entryOf(given: unknown, ctx: Scope): CacheEntry | undefined {
    if (given === undefined || given === failed) return undefined;
    try {
      // Read once, here: what a store gives may be alive.
      if (isCacheEntry(given)) {
        const { output, storedAtMs, expiresAtMs } = given;
        return { output, storedAtMs, expiresAtMs };
      }
    } catch {
      // Its properties throw.
    }
    this.tell("get", new TypeError("it gave what is no entry"), ctx);
    return undefined;
  }

  private inTime(call: string, pending: PromiseLike<unknown>, ctx: Scope): Promise<unknown> {
    const { clock, deadline = Number.POSITIVE_INFINITY } = ctx;
    // A store that hangs has to leave time for the work itself.
    const waitMs = Math.max(0, Math.min(maxWaitMs, (deadline - clock.now()) / 2));
    return new Promise((resolve) => {
      let isOver = false;
      const end = (outcome: unknown, failure?: unknown): void => {
        if (isOver) return;
        isOver = true;
        stopTimer();
        ctx.forget(onGivenUp);
        if (outcome === failed) this.tell(call, failure, ctx);
        resolve(outcome);
      };
      const onGivenUp = (): void => {
        isOver = true;
        stopTimer();
      };
      const stopTimer = afterMs(clock, waitMs, () => {
        end(failed, new Error(`it took longer than ${Math.round(waitMs)} ms`));
      });
      ctx.whenGivenUp(onGivenUp);
      Promise.resolve(pending).then(
        (late) => end(late),
        (thrown: unknown) => end(failed, thrown),
      );
    });
  }

  private tell(call: string, thrown: unknown, ctx: Scope): void {
    if (told.has(this.store)) return;
    told.add(this.store);
    const { agent } = this;
    const error = thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown}`;
    try {
      ctx.log.warn("A cache's store failed; runs go on without it. This is said once.", {
        agent,
        call,
        error,
      });
    } catch {
      // A log that fails must not fail the run either.
    }
  }
}
