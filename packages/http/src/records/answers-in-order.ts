import type { OutgoingText } from "../stream/outgoing-text.ts";

/** Writes answers in the order of their records, whatever the order in which they come. */
export class AnswersInOrder {
  readonly #text: OutgoingText;
  readonly #maxAhead: number;
  /** Those from the first one that is not written; undefined where one has not come. */
  readonly #waiting: (string | undefined)[] = [];
  #written = 0;
  /** Pending while the caller has not taken what was written. */
  #room: Promise<void> | undefined = undefined;
  #turn: PromiseWithResolvers<void> | undefined = undefined;

  /** @param maxAhead how many answers are kept, at most, for one that has not come */
  constructor(text: OutgoingText, maxAhead: number) {
    this.#text = text;
    this.#maxAhead = maxAhead;
  }

  /** How many answers were written. */
  get written(): number {
    return this.#written;
  }

  /** A promise when a record should not be begun yet: its answer would have to be kept too long. */
  turnOf(index: number): Promise<void> | undefined {
    if (this.#mayBegin(index)) return undefined;
    return this.#waitFor(index);
  }

  async #waitFor(index: number): Promise<void> {
    while (!this.#mayBegin(index)) {
      this.#turn ??= Promise.withResolvers();
      await this.#turn.promise;
    }
  }

  #mayBegin(index: number): boolean {
    return this.#text.isGone || (this.#room === undefined && index < this.#written + this.#maxAhead);
  }

  /** Whether a record has its answer. */
  has(index: number): boolean {
    return index < this.#written || this.#waiting[index - this.#written] !== undefined;
  }

  /** Resolves when the caller has taken all answers but perhaps the last one, or has gone. */
  async flushed(): Promise<void> {
    while (this.#room !== undefined) await this.#room;
  }

  /** Answers a record, once. */
  put(index: number, answer: string): void {
    const place = index - this.#written;
    while (this.#waiting.length <= place) this.#waiting.push(undefined);
    this.#waiting[place] = answer;
    if (place === 0) this.#flush();
  }

  #flush(): void {
    if (this.#room !== undefined) return;
    let count = 0;
    for (const answer of this.#waiting) {
      if (answer === undefined) break;
      count++;
      this.#room = this.#text.write(answer);
      if (this.#room !== undefined) {
        void this.#room.then(this.#onRoom);
        break;
      }
    }
    if (count === 0) return;
    this.#waiting.splice(0, count);
    this.#written += count;
    if (this.#room === undefined) this.#wake();
  }

  readonly #onRoom = (): void => {
    this.#room = undefined;
    this.#flush();
    this.#wake();
  };

  #wake(): void {
    this.#turn?.resolve();
    this.#turn = undefined;
  }
}
