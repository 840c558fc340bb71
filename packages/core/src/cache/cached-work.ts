import { AtomicError } from "../errors/atomic-error.ts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import { checkValue } from "../run/check-value.ts";
import type { Frame } from "../run/frame.ts";
import type { Scope } from "../run/scope.ts";
import { type ContentKey, keyIn, type KeySpace } from "./cache-key.ts";
import type { CacheEntry, CacheStore } from "./cache-store.ts";
import { copyContent, isFlat, notContent } from "./content.ts";
import { Flight, type Landing } from "./flight.ts";
import { GuardedStore } from "./guarded-store.ts";
import { KeyTable } from "./key-table.ts";
import type { OpenWork, Produced } from "./open-work.ts";

/** How an agent's outputs are kept. */
export interface Caching {
  readonly agent: string;
  readonly store: CacheStore;
  readonly maxAgeMs: number;
  readonly space: KeySpace;
  /** Makes the content of a key; the parsed input is the content when there is none. */
  readonly key: ((input: unknown, ctx: Scope) => unknown) | undefined;
}

/** Entries dated later than that were made before the clock was set back, or by a machine whose clock is wrong. */
const maxAheadMs = 1_000;

/** Stands for an output that has to be made. */
const miss = Symbol("miss");

/** The flights of each store: agents that share a store share their work, too. */
const flightsOfStores = new WeakMap<CacheStore, KeyTable<Flight>>();

function flightsOf(store: CacheStore): KeyTable<Flight> {
  let flights = flightsOfStores.get(store);
  if (flights === undefined) {
    flights = new KeyTable();
    flightsOfStores.set(store, flights);
  }
  return flights;
}

/** An agent's work behind a cache. Nothing is waited for unless the store, the agent or a schema has it so. */
export class CachedWork {
  private readonly work: OpenWork;
  private readonly caching: Caching;
  private readonly store: GuardedStore;
  private readonly flights: KeyTable<Flight>;
  /** The user's function for keys has failed, and that has been said. */
  private hasToldOfKey = false;

  constructor(work: OpenWork, caching: Caching) {
    this.work = work;
    this.caching = caching;
    this.store = new GuardedStore(caching.store, caching.agent);
    this.flights = flightsOf(caching.store);
  }

  run(input: unknown, ctx: Scope): unknown {
    const value = checkValue(this.work.input, input, ctx, "input");
    if (!isThenable(value)) return this.find(value, input, ctx);
    return value.then((late) => {
      ctx.throwIfEnded();
      return this.find(late, input, ctx);
    });
  }

  private find(value: unknown, input: unknown, ctx: Scope): unknown {
    const key = this.keyOf(value, input, ctx);
    if (key === undefined) return this.alone(value, input, ctx);
    // Where others are under way there is no need to look.
    if (this.flights.size > 0) {
      const joined = this.join({ key, value, input, ctx });
      if (joined !== undefined) return joined;
    }
    const nowMs = ctx.clock.timestamp();
    const entry = this.store.get(key, nowMs, ctx);
    if (isThenable(entry)) {
      if (!key.own()) return this.alone(value, input, ctx);
      return this.lead(new Flight(this.flights, key, ctx), { key, value, input, ctx }, entry, nowMs);
    }
    if (entry !== undefined) {
      const output = this.outputOf(entry, nowMs, key, ctx);
      if (isThenable(output)) return this.afterCheck({ key, value, input, ctx }, output, nowMs);
      if (output !== miss) return output;
    }
    return this.perform(key, value, input, ctx, nowMs);
  }

  /** What was found at once has to be waited for, and may be of no use. */
  private afterCheck(call: Call, found: PromiseLike<unknown>, nowMs: number): unknown {
    const { key, value, input, ctx } = call;
    if (!key.own()) return this.alone(value, input, ctx);
    return found.then((output) => {
      ctx.throwIfEnded();
      return output === miss ? (this.join(call) ?? this.perform(key, value, input, ctx, nowMs)) : output;
    });
  }

  /** Has the agent do its work, after nothing was found at once. */
  private perform(key: ContentKey, value: unknown, input: unknown, ctx: Scope, nowMs: number): unknown {
    // Before the agent may change its input.
    if (!key.own()) return this.alone(value, input, ctx);
    const given = this.work.begin(value, input, ctx, true);
    if (isThenable(given)) return this.fly({ key, value, input, ctx }, given);
    const produced = this.work.finish(given, ctx, true);
    if (isThenable(produced)) {
      const flight = new Flight(this.flights, key, ctx);
      const call: Call = { key, value, input, ctx };
      return produced.then(
        (late) => this.landed(flight, call, late),
        (thrown: unknown) => this.crashed(flight, ctx, thrown),
      );
    }
    const { kept, output } = produced;
    if (kept === notContent) return output;
    const setting = this.store.set(key, this.entryOf(kept, nowMs), ctx);
    return isThenable(setting) ? setting.then(() => output) : output;
  }

  /** Leads a flight whose work has begun. */
  private fly(call: Call, begun: PromiseLike<unknown>): unknown {
    const { key, ctx } = call;
    const flight = new Flight(this.flights, key, ctx);
    const onFailure = (thrown: unknown): never => this.crashed(flight, ctx, thrown);
    // A thenable of any make: its own `then` may give nothing back, or call back twice.
    return Promise.resolve(begun).then((given) => {
      try {
        const produced = this.work.finish(given, ctx, true);
        if (!isThenable(produced)) return this.landed(flight, call, produced);
        return produced.then((late) => this.landed(flight, call, late), onFailure);
      } catch (thrown) {
        return onFailure(thrown);
      }
    }, onFailure);
  }

  /** Leads a flight: looks into the store, and has the agent do its work when nothing is there. */
  private async lead(
    flight: Flight,
    { key, value, input, ctx }: Call,
    asked: MaybePromise<CacheEntry | undefined>,
    nowMs: number,
  ): Promise<unknown> {
    try {
      const entry = await asked;
      ctx.throwIfEnded();
      if (entry !== undefined) {
        const output = await this.outputOf(entry, nowMs, key, ctx);
        ctx.throwIfEnded();
        if (output !== miss) {
          flight.land({ kind: "content", content: entry.output });
          flight.close();
          return output;
        }
      }
      const given = await this.work.begin(value, input, ctx, true);
      const produced = await this.work.finish(given, ctx, true);
      return await this.landed(flight, { key, value, input, ctx }, produced);
    } catch (thrown) {
      return this.crashed(flight, ctx, thrown);
    }
  }

  /** The leader's work is done: everybody gets it, and the store. */
  private landed(flight: Flight, call: Call, { kept, output }: Produced): unknown {
    const { key, value, input, ctx } = call;
    // Somebody else leads by now, and nobody waits for this one.
    if (!flight.isLedBy(ctx)) return output;
    if (kept === notContent || !key.isStillOf(this.contentOf(value, input, ctx))) {
      flight.land({ kind: "alone" });
      flight.close();
      return output;
    }
    flight.land({ kind: "content", content: kept });
    const setting = this.store.set(key, this.entryOf(kept, ctx.clock.timestamp()), ctx);
    if (!isThenable(setting)) {
      flight.close();
      return output;
    }
    // Who comes meanwhile may not find it in the store yet, but finds the flight.
    return setting.then(() => {
      flight.close();
      return output;
    });
  }

  /** The leader's work has failed: the agent's own failure is everybody's. */
  private crashed(flight: Flight, ctx: Scope, thrown: unknown): never {
    if (flight.isLedBy(ctx)) {
      if (isOfRun(thrown)) flight.passOn();
      else {
        flight.land({ kind: "failure", thrown });
        flight.close();
      }
    }
    throw thrown;
  }

  /** Waits for a call that has the same key, if there is one. */
  private join(call: Call): Promise<unknown> | undefined {
    const { key, ctx } = call;
    const flight = this.flights.get(key);
    if (flight === undefined || isWithin(flight.leader["~frame"], ctx) || !key.own()) return undefined;
    emit(ctx, "cache-wait");
    return flight.wait(ctx).then((landing) => {
      ctx.throwIfEnded();
      return this.afterLanding(flight, call, landing);
    });
  }

  private afterLanding(flight: Flight, call: Call, landing: Landing): unknown {
    const { key, value, input, ctx } = call;
    switch (landing.kind) {
      case "content": {
        const useOrWork = (output: unknown): unknown =>
          output === miss ? this.alone(value, input, ctx) : output;
        const output = this.parsed(landing.content);
        if (!isThenable(output)) return useOrWork(output);
        return output.then((late) => {
          ctx.throwIfEnded();
          return useOrWork(late);
        });
      }
      case "failure":
        throw withoutPlace(landing.thrown);
      case "alone":
        return this.alone(value, input, ctx);
      case "lead": {
        const nowMs = ctx.clock.timestamp();
        return this.lead(flight, call, this.store.get(key, nowMs, ctx), nowMs);
      }
    }
  }

  /** Has the agent do its work, and keeps nothing. */
  private alone(value: unknown, input: unknown, ctx: Scope): unknown {
    const { work } = this;
    const finish = (given: unknown): unknown => {
      const produced = work.finish(given, ctx, false);
      return isThenable(produced) ? produced.then(({ output }) => output) : produced.output;
    };
    const given = work.begin(value, input, ctx, false);
    return isThenable(given) ? Promise.resolve(given).then(finish) : finish(given);
  }

  /** What an entry comes to; `miss` when it is of no use. */
  private outputOf(entry: CacheEntry, nowMs: number, key: ContentKey, ctx: Scope): unknown {
    const { storedAtMs, expiresAtMs } = entry;
    const ageMs = nowMs - storedAtMs;
    // Written so that times that are no numbers are a miss.
    if (!(nowMs < expiresAtMs && ageMs < this.caching.maxAgeMs && ageMs >= -maxAheadMs)) return miss;
    const output = this.parsed(entry.output);
    return isThenable(output)
      ? output.then((late) => this.noted(late, key, ctx))
      : this.noted(output, key, ctx);
  }

  private noted(output: unknown, key: ContentKey, ctx: Scope): unknown {
    if (output === miss) this.store.delete(key, ctx);
    else emit(ctx, "cache-hit");
    return output;
  }

  /** What the output schema makes of what was kept, sharing nothing with it; `miss` when it refuses that. */
  private parsed(kept: unknown): unknown {
    const { output, parsesOnce } = this.work;
    // Such a schema cannot change what was kept; what it gives may be a part of that all the same.
    const given = parsesOnce ? kept : copyContent(kept);
    if (given === notContent) return miss;
    let checked: unknown;
    try {
      checked = output.validate(given);
    } catch {
      // A check that throws says no more than one that refuses: the agent's own output will show it.
      return miss;
    }
    // What a validator gives, or promises.
    if (isThenable(checked))
      return Promise.resolve(checked as PromiseLike<Checked>).then(acceptedOf, () => miss);
    const value = acceptedOf(checked as Checked);
    if (value === miss || !parsesOnce || (value !== kept && isFlat(value))) return value;
    const copy = copyContent(value);
    return copy === notContent ? miss : copy;
  }

  private entryOf(output: unknown, nowMs: number): CacheEntry {
    return { output, storedAtMs: nowMs, expiresAtMs: nowMs + this.caching.maxAgeMs };
  }

  private keyOf(value: unknown, input: unknown, ctx: Scope): ContentKey | undefined {
    const key = keyIn(this.caching.space, this.contentOf(value, input, ctx));
    if (key === undefined && this.caching.key !== undefined)
      this.tellOfKey(ctx, "it gave what has no content");
    return key;
  }

  /** What the key is made of; `notContent` when the user's function fails. */
  private contentOf(value: unknown, input: unknown, ctx: Scope): unknown {
    const { key } = this.caching;
    if (key === undefined) return value;
    try {
      const content = key(input, ctx);
      // An unhandled rejection would end the process.
      if (isThenable(content)) content.then(undefined, () => {});
      return content;
    } catch (thrown) {
      this.tellOfKey(
        ctx,
        thrown instanceof Error ? thrown.message : `it threw a value of type ${typeof thrown}`,
      );
      return notContent;
    }
  }

  private tellOfKey(ctx: Scope, error: string): void {
    if (this.hasToldOfKey) return;
    this.hasToldOfKey = true;
    const { agent } = this.caching;
    try {
      ctx.log.warn("A cache's key function failed; such calls run uncached. This is said once.", {
        agent,
        error,
      });
    } catch {
      // A log that fails must not fail the run.
    }
  }
}

/** One call that may have to wait. */
interface Call {
  readonly key: ContentKey;
  /** The input as the schema parsed it. */
  readonly value: unknown;
  /** The input as it was given. */
  readonly input: unknown;
  readonly ctx: Scope;
}

interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly unknown[] | undefined;
}

function acceptedOf(checked: Checked): unknown {
  return checked.issues === undefined ? checked.value : miss;
}

/** Another call's failure as one of this call: what happened stays, where it shows is for its own run to say. */
function withoutPlace(thrown: unknown): unknown {
  if (!AtomicError.isInstance(thrown)) return thrown;
  return thrown.with({
    stage: undefined,
    runId: undefined,
    requestId: undefined,
    report: undefined,
    cause: thrown,
  });
}

/** Whether a failure is of the run that had it rather than of the agent. */
function isOfRun(thrown: unknown): boolean {
  return AtomicError.isInstance(thrown, "CANCELLED") || AtomicError.isInstance(thrown, "BUDGET_EXCEEDED");
}

/** Whether a context belongs to what runs in a frame: waiting for that frame would be waiting for itself. */
function isWithin(frame: Frame, ctx: Scope): boolean {
  let at: Frame | undefined = ctx["~frame"];
  while (at !== undefined && at !== frame) at = at.place?.parent;
  return at !== undefined;
}

function emit(ctx: Scope, name: "cache-hit" | "cache-wait"): void {
  if (ctx["~frame"].journal !== undefined) ctx.emit(name);
}
