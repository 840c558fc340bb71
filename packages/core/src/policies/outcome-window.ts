/** Which of the last calls failed. */
export class OutcomeWindow {
  /** A ring; 1 stands for a failure. */
  readonly #outcomes: Uint8Array;
  #at = 0;
  #calls = 0;
  #failures = 0;

  constructor(size: number) {
    this.#outcomes = new Uint8Array(size);
  }

  get calls(): number {
    return this.#calls;
  }

  get failures(): number {
    return this.#failures;
  }

  get isFull(): boolean {
    return this.#calls === this.#outcomes.length;
  }

  /** Adds the newest; the oldest leaves when there is no more room. */
  add(outcome: 0 | 1): void {
    const at = this.#at;
    // The ring begins with zeros, so what was never written counts as no failure.
    this.#failures += outcome - (this.#outcomes[at] ?? 0);
    this.#outcomes[at] = outcome;
    this.#at = at + 1 === this.#outcomes.length ? 0 : at + 1;
    if (this.#calls < this.#outcomes.length) this.#calls++;
  }

  clear(): void {
    this.#outcomes.fill(0);
    this.#at = 0;
    this.#calls = 0;
    this.#failures = 0;
  }
}
