import { checkCount, checkKeys } from "../limits.ts";
import type { CacheEntry, CacheKey, CacheStore } from "./cache-store.ts";
import { type Keyed, KeyTable } from "./key-table.ts";
import { sizeOfContent } from "./size-of-content.ts";

/** How much a `MemoryCache` keeps. */
export interface MemoryCacheOptions {
  /** The most entries; 1,000. */
  readonly maxEntries?: number | undefined;
  /**
   * The most bytes of keys and outputs, reckoned roughly: two a character, eight a number, sixteen an object. No limit
   * unless one is given.
   */
  readonly maxBytes?: number | undefined;
}

/**
 * Keeps outputs in this process and lets go what was not used for the longest time. It returns no promises.
 *
 * @throws AtomicError `CONFIG` for a limit that is no whole number from 1
 * @example
 * ```ts
 * const store = new MemoryCache({ maxEntries: 2 });
 * const cached = withCache(countWords, { store });
 * for (const text of ["one", "two words", "and three words"]) await cached.run({ text });
 * console.log(store.size); // => 2
 * ```
 */
export class MemoryCache implements CacheStore {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #table = new KeyTable<Place>();
  #bytes = 0;
  /** The ends of the row from the latest used to the longest unused. */
  #latest: Place | undefined = undefined;
  #oldest: Place | undefined = undefined;

  constructor(options: MemoryCacheOptions = {}) {
    checkKeys("MemoryCache", options, ["maxEntries", "maxBytes"]);
    checkCount("MemoryCache", "maxEntries", options.maxEntries);
    checkCount("MemoryCache", "maxBytes", options.maxBytes);
    this.#maxEntries = options.maxEntries ?? 1_000;
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** How many entries it holds. */
  get size(): number {
    return this.#table.size;
  }

  get(key: CacheKey, nowMs: number): CacheEntry | undefined {
    const place = this.#table.get(key);
    if (place === undefined) return undefined;
    if (place.entry.expiresAtMs <= nowMs) {
      this.#remove(place);
      return undefined;
    }
    if (place !== this.#latest) {
      this.#unlink(place);
      this.#link(place);
    }
    return place.entry;
  }

  set(key: CacheKey, entry: CacheEntry): void {
    this.delete(key);
    const bytes = this.#maxBytes === Number.POSITIVE_INFINITY ? 0 : bytesOf(key, entry);
    // What does not fit at all pushes nothing out.
    if (bytes > this.#maxBytes) return;
    const place: Place = { key, entry, bytes, next: undefined, newer: undefined, older: undefined };
    this.#table.add(place);
    this.#link(place);
    this.#bytes += bytes;
    while (this.#oldest !== undefined && (this.size > this.#maxEntries || this.#bytes > this.#maxBytes)) {
      this.#remove(this.#oldest);
    }
  }

  delete(key: CacheKey): void {
    const place = this.#table.get(key);
    if (place !== undefined) this.#remove(place);
  }

  /** Forgets everything. */
  clear(): void {
    this.#table.clear();
    this.#latest = undefined;
    this.#oldest = undefined;
    this.#bytes = 0;
  }

  #remove(place: Place): void {
    this.#table.remove(place);
    this.#unlink(place);
    this.#bytes -= place.bytes;
  }

  #link(place: Place): void {
    place.older = this.#latest;
    if (this.#latest === undefined) this.#oldest = place;
    else this.#latest.newer = place;
    this.#latest = place;
  }

  #unlink(place: Place): void {
    const { newer, older } = place;
    if (newer === undefined) this.#latest = older;
    else newer.older = older;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    place.newer = undefined;
    place.older = undefined;
  }
}

/** An entry and its neighbours. */
interface Place extends Keyed<Place> {
  readonly entry: CacheEntry;
  readonly bytes: number;
  newer: Place | undefined;
  older: Place | undefined;
}

function bytesOf(key: CacheKey, entry: CacheEntry): number {
  return 2 * key.text.length + sizeOfContent(entry.output);
}
