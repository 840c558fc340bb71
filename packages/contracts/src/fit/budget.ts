/** Comparing took more steps than it may: schemas can be written whose comparison is exponential. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** How many steps a comparison may still take. */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  /** @throws TooLarge when the steps are used up. */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooLarge();
  }
}
