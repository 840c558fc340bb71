import { checkCount, checkKeys, checkMs, type Clock, configError, systemClock } from "@atomic-agents/core";
import type { Answer } from "../server/answer.ts";
import type { IdempotencyEntry, IdempotencyStore } from "./idempotency-store.ts";

/** What a `MemoryIdempotencyStore` takes. */
export interface MemoryIdempotencyStoreOptions {
  /** How many answers it holds; 10,000 unless said otherwise. One more lets go the one that was given first. */
  readonly maxKeys?: number | undefined;
  /** How many bytes their bodies may have together; 64 MiB unless said otherwise. A larger one is not kept at all. */
  readonly maxBytes?: number | undefined;
  /** How long an answer stays; 24 hours unless said otherwise. */
  readonly retentionMs?: number | undefined;
  /** What tells how old an answer is. The computer's clock when absent. */
  readonly clock?: Clock | undefined;
}

interface Kept {
  readonly entry: IdempotencyEntry;
  readonly bytes: number;
  /** On the scale of the clock's `now()`. */
  readonly untilMs: number;
}

const defaultMaxKeys = 10_000;
const defaultMaxBytes = 64 * 1_024 * 1_024;
const defaultRetentionMs = 24 * 60 * 60 * 1_000;

/**
 * Keeps answers in memory, for as long as the process lives and within bounds of number, size and age. It sets no timers:
 * what is too old is let go when the store is next used. Keys whose work goes on are not counted: the service bounds them.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const store = new MemoryIdempotencyStore({ maxKeys: 1_000 });
 * console.log(store.claim("k", "body")); // => undefined
 * store.complete("k", { status: 200, contentType: "application/json", body: "1" });
 * console.log(store.claim("k", "body")?.answer?.body); // => 1
 * ```
 */
export class MemoryIdempotencyStore implements IdempotencyStore {
  readonly #maxKeys: number;
  readonly #maxBytes: number;
  readonly #retentionMs: number;
  readonly #clock: Clock;
  readonly #claims = new Map<string, IdempotencyEntry>();
  /** In the order in which they were given, which is that of their ages. */
  readonly #answers = new Map<string, Kept>();
  #bytes = 0;

  constructor(options: MemoryIdempotencyStoreOptions = {}) {
    const what = "MemoryIdempotencyStore";
    checkKeys(what, options, ["maxKeys", "maxBytes", "retentionMs", "clock"]);
    const {
      maxKeys = defaultMaxKeys,
      maxBytes = defaultMaxBytes,
      retentionMs = defaultRetentionMs,
      clock = systemClock,
    } = options;
    checkCount(what, "maxKeys", maxKeys);
    checkCount(what, "maxBytes", maxBytes);
    checkMs(what, "retentionMs", retentionMs);
    if (typeof clock?.now !== "function") throw configError(what, "clock", "a Clock", clock);
    this.#maxKeys = maxKeys;
    this.#maxBytes = maxBytes;
    this.#retentionMs = retentionMs;
    this.#clock = clock;
  }

  claim(key: string, fingerprint: string): IdempotencyEntry | undefined {
    this.#letGo();
    const known = this.#claims.get(key) ?? this.#answers.get(key)?.entry;
    if (known !== undefined) return known;
    this.#claims.set(key, { fingerprint });
    return undefined;
  }

  complete(key: string, answer: Answer): void {
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    this.#claims.delete(key);
    const bytes = Buffer.byteLength(answer.body);
    if (bytes > this.#maxBytes) return;
    const untilMs = this.#clock.now() + this.#retentionMs;
    this.#answers.set(key, { entry: { fingerprint: claim.fingerprint, answer }, bytes, untilMs });
    this.#bytes += bytes;
    this.#letGo();
  }

  release(key: string): void {
    this.#claims.delete(key);
  }

  /** Lets go the oldest answers, as long as one is too old or there are too many. */
  #letGo(): void {
    const nowMs = this.#clock.now();
    for (const [key, { bytes, untilMs }] of this.#answers) {
      if (untilMs > nowMs && this.#answers.size <= this.#maxKeys && this.#bytes <= this.#maxBytes) return;
      this.#answers.delete(key);
      this.#bytes -= bytes;
    }
  }
}
