import type { OutgoingText } from "../stream/outgoing-text.ts";

/** How far work may be ahead of the answer that is due. */
export interface AnswersInOrderOptions {
  /** How many answers are kept, at most, for one that has not come. */
  readonly maxAhead: number;
  /** No record is begun while answers of so many characters are kept. */
  readonly maxLength: number;
  /** Told by how many characters more, or fewer, what is kept has grown: of those answers, and of one that is not taken. */
  readonly onKept: (characters: number) => void;
}

/** Writes answers in the order of their records, whatever the order in which they come. */
export class AnswersInOrder {
  readonly #text: OutgoingText;
  readonly #options: AnswersInOrderOptions;
  /** Those from the first one that is not written; undefined where one has not come. */
  readonly #waiting: (string | undefined)[] = [];
  #written = 0;
  #length = 0;
  #toldLength = 0;
  /** Of what was written last, while the caller has not taken it. */
  #untakenLength = 0;
  /** Pending while the caller has not taken what was written. */
  #room: Promise<void> | undefined = undefined;
  #turn: PromiseWithResolvers<void> | undefined = undefined;
  #isClosed = false;

  constructor(text: OutgoingText, options: AnswersInOrderOptions) {
    this.#text = text;
    this.#options = options;
  }

  /** How many answers were written. */
  get written(): number {
    return this.#written;
  }

  /** Whether the caller has to take something first. */
  get isUntaken(): boolean {
    return this.#room !== undefined;
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
    if (this.#isClosed || this.#text.isGone) return true;
    const { maxAhead, maxLength } = this.#options;
    return this.#room === undefined && index < this.#written + maxAhead && this.#length < maxLength;
  }

  /** Has nobody wait for a turn any more. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
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
    // As most do, where nobody waits.
    if (place === 0 && this.#waiting.length === 0 && this.#room === undefined) {
      this.#written++;
      if (this.#write(answer)) this.#wake();
      else this.#length += answer.length;
      this.#tellKept();
      return;
    }
    while (this.#waiting.length <= place) this.#waiting.push(undefined);
    this.#waiting[place] = answer;
    this.#length += answer.length;
    if (place === 0) this.#flush();
    this.#tellKept();
  }

  #flush(): void {
    if (this.#room !== undefined) return;
    let count = 0;
    for (const answer of this.#waiting) {
      if (answer === undefined) break;
      count++;
      if (!this.#write(answer)) break;
      this.#length -= answer.length;
    }
    if (count === 0) return;
    this.#waiting.splice(0, count);
    this.#written += count;
    if (this.#room === undefined) this.#wake();
  }

  /** Gives whether more may be written. */
  #write(answer: string): boolean {
    const room = this.#text.write(answer);
    if (room === undefined) return true;
    this.#room = room;
    this.#untakenLength = answer.length;
    void room.then(this.#onRoom);
    return false;
  }

  readonly #onRoom = (): void => {
    this.#room = undefined;
    this.#length -= this.#untakenLength;
    this.#flush();
    this.#tellKept();
    this.#wake();
  };

  #tellKept(): void {
    const more = this.#length - this.#toldLength;
    if (more === 0) return;
    this.#toldLength = this.#length;
    this.#options.onKept(more);
  }

  #wake(): void {
    this.#turn?.resolve();
    this.#turn = undefined;
  }
}
