import { AtomicError } from "@atomic-agents/core";
import type { MaybePromise } from "../maybe-promise.ts";

/** Lets so many requests in at a time. */
export class Gate {
  readonly maxInFlight: number;
  #inFlight = 0;

  constructor(options: { readonly maxInFlight: number }) {
    this.maxInFlight = options.maxInFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return 0;
  }

  /** Takes a place; gives what the request is refused with when there is none. */
  enter(): MaybePromise<AtomicError | undefined> {
    if (this.#inFlight >= this.maxInFlight) {
      return new AtomicError("OVERLOADED", "The service has as many requests as it takes", {
        details: { retryAfterMs: 1_000 },
      });
    }
    this.#inFlight++;
    return undefined;
  }

  /** Gives a place back. */
  leave(): void {
    this.#inFlight--;
  }
}
