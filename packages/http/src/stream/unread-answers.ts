import { Queue, type Spot } from "../queue.ts";
import type { Call } from "../server/call.ts";

/**
 * Answers of streams whose work is done, and which wait for nothing but their readers. They have no place any more, and
 * each may keep a lot: of more than so many the oldest one is cut off.
 */
export class UnreadAnswers {
  readonly #most: number;
  readonly #calls = new Queue<Call>();

  constructor({ maxInFlight }: { readonly maxInFlight: number }) {
    this.#most = maxInFlight;
  }

  /** Gives what the call leaves with. */
  add(call: Call): Spot<Call> {
    const spot = this.#calls.add(call);
    if (this.#calls.size > this.#most) this.#calls.takeFirst()?.outgoing.destroy();
    return spot;
  }

  remove(spot: Spot<Call>): void {
    this.#calls.remove(spot);
  }
}
