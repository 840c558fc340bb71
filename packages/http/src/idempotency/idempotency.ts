import { createHash } from "node:crypto";
import { AtomicError } from "@atomic-agents/core";
import { isPromiseLike, type MaybePromise } from "../maybe-promise.ts";
import type { Answer } from "../server/answer.ts";
import { badRequest } from "../problem/bad-request.ts";
import { header } from "../wire.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";

/** What a piece of work comes to. */
export interface Outcome {
  readonly answer: Answer;
  /** Whether the same request gets it again: it is final, and trying once more would help nothing. */
  readonly isFinal: boolean;
}

/** A request with a key. */
export interface KeyedRequest {
  /** What the caller sent. */
  readonly key: string;
  readonly agent: string;
  /** Whose key it is: keys of different callers never meet. */
  readonly caller: string | undefined;
  readonly body: string | Uint8Array;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

/** Work that goes on, and who waits for it. */
interface Flight {
  readonly fingerprint: string;
  readonly abort: AbortController;
  /** How many callers have not gone. */
  waiting: number;
  readonly outcome: Promise<Answer>;
}

/** How long a caller shall wait for work that another instance does. */
const elsewhereRetryMs = 1_000;

const longestKey = 255;
/** Visible ASCII, as headers may have it, without the space. */
const keyForm = /^[!-~]+$/;

/**
 * Has the work of requests with the same key done once. The first one does it; those that come meanwhile wait for its
 * answer, and those that come afterwards get the answer that is kept. The work is aborted when all who wait for it have
 * gone: a caller who lost its connection and asks again finds it still going on, if it is there in time.
 */
export class Idempotency {
  readonly #store: IdempotencyStore;
  readonly #onFailure: (thrown: unknown) => void;
  readonly #flights = new Map<string, Flight>();

  /** @param onFailure told of what a store throws that has not kept an answer, or has not let go a key */
  constructor(store: IdempotencyStore, onFailure: (thrown: unknown) => void = () => {}) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /**
   * The answer to a request: that of `work`, or the one that was given before to the same key. An answer that is not final
   * goes to all who have waited for it, and is not kept.
   *
   * @throws AtomicError `IDEMPOTENCY_CONFLICT` when the key came before with another body; `OVERLOADED` when another
   * instance is at work for it; `BAD_REQUEST` for what is no key; `CANCELLED` when the caller has gone, and others have not;
   * whatever `work` or the store's `claim` throws
   */
  async answer(request: KeyedRequest, work: (signal: AbortSignal) => PromiseLike<Outcome>): Promise<Answer> {
    const { key } = request;
    checkKey(key);
    const id = JSON.stringify([request.agent, request.caller ?? null, key]);
    const fingerprint = createHash("sha256").update(request.body).digest("base64");
    let flight = this.#flights.get(id);
    // Nobody wants what a given-up flight comes to; whoever comes now begins anew when it has come down.
    while (flight?.abort.signal.aborted === true) {
      await flight.outcome.catch(() => {});
      flight = this.#flights.get(id);
    }
    if (flight !== undefined) {
      if (flight.fingerprint !== fingerprint) throw conflict(key);
      return replayed(await this.#join(flight, request.signal));
    }
    // No wait lies between the look above and this: two requests in this process never both come here.
    const mine = this.#begin(id, key, fingerprint, work);
    return this.#join(mine, request.signal);
  }

  #begin(
    id: string,
    key: string,
    fingerprint: string,
    work: (signal: AbortSignal) => PromiseLike<Outcome>,
  ): Flight {
    const abort = new AbortController();
    const outcome = this.#lead(id, key, fingerprint, abort.signal, work).finally(() => {
      this.#flights.delete(id);
    });
    const flight: Flight = { fingerprint, abort, waiting: 0, outcome };
    this.#flights.set(id, flight);
    return flight;
  }

  async #lead(
    id: string,
    key: string,
    fingerprint: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => PromiseLike<Outcome>,
  ): Promise<Answer> {
    const store = this.#store;
    const claimed = store.claim(id, fingerprint);
    const known = isPromiseLike(claimed) ? await claimed : claimed;
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) throw conflict(key);
      if (known.answer === undefined) throw elsewhere(key);
      return replayed(known.answer);
    }
    let isFinal = false;
    try {
      const outcome = await work(signal);
      ({ isFinal } = outcome);
      // What was done is answered, whatever the store does; that it is done again is what must not be.
      if (isFinal) await this.#tell(() => store.complete(id, outcome.answer));
      return outcome.answer;
    } finally {
      if (!isFinal) await this.#tell(() => store.release(id));
    }
  }

  async #tell(store: () => MaybePromise<void>): Promise<void> {
    try {
      await store();
    } catch (thrown) {
      this.#onFailure(thrown);
    }
  }

  /** Waits for the outcome as one of those who want it. */
  async #join(flight: Flight, signal: AbortSignal): Promise<Answer> {
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = (): void => {
      flight.waiting--;
      const reason = String(signal.reason);
      // The last one stays until the work has come down, for it is the last one's.
      if (flight.waiting === 0) flight.abort.abort(signal.reason);
      else
        reject(
          new AtomicError("CANCELLED", `Nobody waits for this any more: ${reason}`, { details: { reason } }),
        );
    };
    flight.waiting++;
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([flight.outcome, left]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}

function checkKey(key: string): void {
  if (key.length <= longestKey && keyForm.test(key)) return;
  throw badRequest(
    400,
    "idempotency-key",
    `The header ${header.idempotencyKey} must have 1 to ${longestKey} visible characters of ASCII`,
  );
}

function conflict(key: string): AtomicError<"IDEMPOTENCY_CONFLICT"> {
  return new AtomicError("IDEMPOTENCY_CONFLICT", "The idempotency key was used before, with another body", {
    details: { key },
  });
}

function elsewhere(key: string): AtomicError<"OVERLOADED"> {
  return new AtomicError("OVERLOADED", `Another instance is at work for the idempotency key ${key}`, {
    details: { retryAfterMs: elsewhereRetryMs },
  });
}

function replayed(answer: Answer): Answer {
  const { headers = [] } = answer;
  if (headers.includes(header.replayed)) return answer;
  return { ...answer, headers: [...headers, header.replayed, "true"] };
}
