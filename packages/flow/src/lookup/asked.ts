import { anything } from "@atomic-agents/contracts";
import {
  type Agent,
  type CacheEntry,
  type CacheKey,
  type CacheStore,
  ConcurrencyLimit,
  type Context,
  defineAgent,
  type MaybePromise,
  MemoryCache,
  RateLimit,
  withCache,
  withConcurrencyLimit,
  withRateLimit,
} from "@atomic-agents/core";
import { checkCount, checkKeys, configError } from "../config-error.ts";

/** How long what was found is kept, and how much of it. */
export interface LookupCache {
  /** How old something found may be; 3,600,000, an hour. */
  readonly maxAgeMs?: number | undefined;
  /** How long it is known that there is nothing of a key; 60,000. With 0 it is asked for each time. */
  readonly missingMaxAgeMs?: number | undefined;
  /** How many keys are known at a time; 10,000, and fewer of large answers: they take up to 64 MiB together. */
  readonly maxEntries?: number | undefined;
}

/** How many questions may be asked in a span of time. */
export interface LookupRate {
  readonly limit: number;
  readonly perMs: number;
  /** How many go at once after a pause; as many as `limit`. With 1 they are never closer together than evenly. */
  readonly burst?: number | undefined;
}

/** How something is asked that takes its time. What is said holds for all who use the table, in this process. */
export interface AskOptions {
  /** How many questions are open at a time; 8. */
  readonly concurrency?: number | undefined;
  /** As many as there are, unless it is said. */
  readonly rateLimit?: LookupRate | undefined;
  /** What is kept of the answers; without one, false, the same key may also be asked for several times at once. */
  readonly cache?: LookupCache | false | undefined;
}

export const askOptionKeys = ["concurrency", "rateLimit", "cache"] as const;

type Find<TKey, TFound> = (key: TKey, ctx: Context) => MaybePromise<TFound | null | undefined>;

/** Asks under limits. */
export type Limited<TKey, TAnswer> = (key: TKey, ctx: Context) => Promise<TAnswer>;

/**
 * The same question, under the limits and with the cache that options say.
 *
 * @throws AtomicError `CONFIG`
 */
export function asked<TKey, TFound>(
  what: string,
  name: string,
  find: Find<TKey, TFound>,
  { cache, ...limits }: AskOptions,
): (key: TKey, ctx: Context) => Promise<TFound | undefined> {
  return kept(what, name, limited(what, name, find, limits), cache);
}

/** Has a question wait for its turn. @throws AtomicError `CONFIG` */
export function limited<TKey, TAnswer>(
  what: string,
  name: string,
  ask: (key: TKey, ctx: Context) => MaybePromise<TAnswer>,
  { concurrency = 8, rateLimit }: Omit<AskOptions, "cache">,
): Limited<TKey, TAnswer> {
  checkCount(what, "concurrency", concurrency);
  const agent = questionOf(name, async (key, ctx) => ({ answer: await ask(key as TKey, ctx) }));
  // A flow looks up no more records at a time than its stage says.
  const waits = { maxWaiting: 100_000, maxWaitMs };
  const few = withConcurrencyLimit(agent, new ConcurrencyLimit({ max: concurrency, ...waits }));
  const all = rateLimit === undefined ? few : withRateLimit(few, rateOf(what, rateLimit, waits));
  // What its own function has given.
  return async (key, ctx) => ((await all.run(key, ctx)) as { readonly answer: TAnswer }).answer;
}

/** Keeps what was found, and that nothing was. @throws AtomicError `CONFIG` */
export function kept<TKey, TFound>(
  what: string,
  name: string,
  find: Find<TKey, TFound>,
  cache: LookupCache | false | undefined,
): (key: TKey, ctx: Context) => Promise<TFound | undefined> {
  if (cache === false) return async (key, ctx) => (await find(key, ctx)) ?? undefined;
  const { maxAgeMs = 3_600_000, missingMaxAgeMs = 60_000, maxEntries = 10_000 } = cache ?? {};
  if (cache !== undefined) checkKeys(what, cache, ["maxAgeMs", "missingMaxAgeMs", "maxEntries"]);
  checkAge(what, "cache.maxAgeMs", maxAgeMs, 1);
  checkAge(what, "cache.missingMaxAgeMs", missingMaxAgeMs, 0);
  checkCount(what, "cache.maxEntries", maxEntries);
  const agent = questionOf(name, async (key, ctx) => ({ found: (await find(key as TKey, ctx)) ?? null }));
  const store = new FoundCache(
    new MemoryCache({ maxEntries, maxBytes: maxCacheBytes }),
    maxAgeMs,
    missingMaxAgeMs,
  );
  const cached = withCache(agent, { store, maxAgeMs: Math.max(maxAgeMs, missingMaxAgeMs) });
  return async (key, ctx) => {
    // What its own function has given, perhaps some time ago.
    const { found } = (await cached.run(key, ctx)) as { readonly found: TFound | null };
    return found ?? undefined;
  };
}

const maxCacheBytes = 67_108_864;
/** The longest a question waits for its turn: the attempt that it is part of ends before. */
const maxWaitMs = 2_147_483_647;

function rateOf(
  what: string,
  rateLimit: LookupRate,
  waits: { readonly maxWaiting: number; readonly maxWaitMs: number },
): RateLimit {
  checkKeys(what, rateLimit, ["limit", "perMs", "burst"]);
  const { limit, perMs, burst } = rateLimit;
  checkCount(what, "rateLimit.limit", limit);
  checkCount(what, "rateLimit.perMs", perMs);
  if (burst !== undefined) checkCount(what, "rateLimit.burst", burst);
  return new RateLimit({ limit, perMs, burst, ...waits });
}

function checkAge(what: string, path: string, value: number, least: number): void {
  if (!(typeof value === "number" && value >= least && value <= Number.MAX_SAFE_INTEGER)) {
    throw configError(what, path, `a number of milliseconds from ${least}`, value);
  }
}

function questionOf(
  name: string,
  execute: (key: unknown, ctx: Context) => Promise<unknown>,
): Agent<unknown, unknown> {
  return defineAgent({
    // A name of an agent has no slashes; what is behind them says which table it is.
    name: (name.split("/").findLast((part) => part !== "" && !part.includes("{")) ?? "table").slice(0, 200),
    description: "Finds something by a key.",
    input: anything(),
    output: anything(),
    execute,
  });
}

/** Keeps for another time that something was found than that nothing was. */
class FoundCache implements CacheStore {
  private readonly inner: MemoryCache;
  private readonly foundMaxAgeMs: number;
  private readonly missingMaxAgeMs: number;

  constructor(inner: MemoryCache, foundMaxAgeMs: number, missingMaxAgeMs: number) {
    this.inner = inner;
    this.foundMaxAgeMs = foundMaxAgeMs;
    this.missingMaxAgeMs = missingMaxAgeMs;
  }

  readonly get = (key: CacheKey, nowMs: number): CacheEntry | undefined => this.inner.get(key, nowMs);

  readonly set = (key: CacheKey, entry: CacheEntry): void => {
    // Only answers are kept here.
    const { found } = entry.output as { readonly found: unknown };
    const maxAgeMs = found === null ? this.missingMaxAgeMs : this.foundMaxAgeMs;
    if (maxAgeMs > 0) this.inner.set(key, { ...entry, expiresAtMs: entry.storedAtMs + maxAgeMs });
  };

  readonly delete = (key: CacheKey): void => this.inner.delete(key);
}
