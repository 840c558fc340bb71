import type { Call } from "../server/call.ts";

/**
 * Answers of streams whose work is done, and which wait for nothing but their readers. They have no place any more, and
 * each may keep a lot: of more than so many the oldest one is cut off.
 */
export class UnreadAnswers {
  readonly #most: number;
  readonly #calls = new Set<Call>();

  constructor({ maxInFlight }: { readonly maxInFlight: number }) {
    this.#most = maxInFlight;
  }

  add(call: Call): void {
    this.#calls.add(call);
    if (this.#calls.size <= this.#most) return;
    for (const oldest of this.#calls) {
      this.#calls.delete(oldest);
      oldest.outgoing.destroy();
      return;
    }
  }

  remove(call: Call): void {
    this.#calls.delete(call);
  }
}
