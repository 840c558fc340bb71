import type { MaybePromise } from "../maybe-promise.ts";

/**
 * Where `withCache` keeps outputs. Implement it to keep them in a database or between machines; `MemoryCache` and
 * `FileCache` are two that are there.
 *
 * What a store does wrong never fails a run: when it throws, rejects, gives what is no entry, or takes too long (5
 * seconds, and half of what the attempt has left), a `get` counts as a miss and a `set` as not done, and the run's log
 * says so once a store. A store whose functions return no promise is not awaited, so that agents which need not wait
 * need not with it either.
 *
 * A store may forget whatever it likes. It has to be bounded.
 *
 * @example
 * ```ts
 * const kept = new Map<string, string>();
 * const database: CacheStore = {
 *   get: async (key) => cacheEntryFromText(kept.get(key.digest) ?? ""),
 *   set: async (key, entry) => void kept.set(key.digest, cacheEntryToText(entry)),
 *   delete: async (key) => void kept.delete(key.digest),
 * };
 * const cached = withCache(countWords, { store: database });
 * await cached.run({ text: "to be or not to be" });
 * console.log(kept.size); // => 1
 * ```
 */
export interface CacheStore {
  /**
   * The entry that was set under the key, or undefined.
   *
   * @param nowMs milliseconds since 1970. What expires by then need not be given; the caller looks at it, too.
   */
  readonly get: (key: CacheKey, nowMs: number) => MaybePromise<CacheEntry | undefined>;
  /** Keeps an entry, in the place of one that was there. */
  readonly set: (key: CacheKey, entry: CacheEntry) => MaybePromise<void>;
  /** Forgets an entry, if there is one. */
  readonly delete: (key: CacheKey) => MaybePromise<void>;
}

/**
 * What an entry is found by: the agent's name, version and configuration, and its input. A store takes whichever form
 * suits it; what it does not read is not made.
 */
export interface CacheKey {
  /** All of the content as one text: the same content gives the same text. As long as the input; made at each read. */
  readonly text: string;
  /** The SHA-256 of `text`: 64 hexadecimal digits. */
  readonly digest: string;
  /** 32 bits for a table in memory; the same for the same content, and for some others. */
  readonly hash: number;
  /** Whether another key has the same content. */
  readonly isSame: (other: CacheKey) => boolean;
}

/** An output as it is kept. A store does not change it, and gives it back as it was. */
export interface CacheEntry {
  /**
   * What the agent gave, before its output schema parsed it: null, undefined, booleans, numbers, bigints, texts, and
   * arrays, plain objects, dates, maps and sets of these. `cacheEntryToText` makes a text of it.
   */
  readonly output: unknown;
  /** When it was made, in milliseconds since 1970. */
  readonly storedAtMs: number;
  /** From when on it is not to be used. */
  readonly expiresAtMs: number;
}
