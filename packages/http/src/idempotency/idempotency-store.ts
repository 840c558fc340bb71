import type { Answer } from "../server/answer.ts";
import type { MaybePromise } from "../maybe-promise.ts";

/** What is known of an idempotency key that has been used. */
export interface IdempotencyEntry {
  /** A digest of the body that came with the key. */
  readonly fingerprint: string;
  /** What was answered; absent while the work goes on. */
  readonly answer?: Answer | undefined;
}

/**
 * Keeps the answers to requests that came with an `Idempotency-Key`. Implement it to share them among several instances of
 * a service. A method may give its result itself or a promise of it. Keys are any text, compared character by character;
 * they hold the caller and the agent besides what the caller sent.
 *
 * How long answers stay, and how many, is the store's affair; it says so in its documentation. A store that outlives the
 * process also lets go a claim whose process has died: one that was neither completed nor released within a time of the
 * store's own.
 */
export interface IdempotencyStore {
  /**
   * Takes a key that nobody has, and gives undefined; gives what is known of one that somebody has. Of any number of
   * claims of one key at the same time exactly one takes it.
   */
  readonly claim: (key: string, fingerprint: string) => MaybePromise<IdempotencyEntry | undefined>;
  /** Keeps the answer to the request that has claimed a key. Does nothing for a key that is not claimed. */
  readonly complete: (key: string, answer: Answer) => MaybePromise<void>;
  /** Lets a claimed key go: nothing was answered that has to stay. Does nothing for a key that has its answer. */
  readonly release: (key: string) => MaybePromise<void>;
}
