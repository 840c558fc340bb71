import fc from "fast-check";

/**
 * The values of an arbitrary that a condition holds for. Unlike `filter`, it gives up after so many in a row that do
 * not fit, with the error that `giveUp` makes, instead of looking on for ever.
 */
export function boundedFilter<TValue>(
  arbitrary: fc.Arbitrary<TValue>,
  isWanted: (value: TValue) => boolean,
  giveUp: () => Error,
): fc.Arbitrary<TValue> {
  return new BoundedFilter(arbitrary, isWanted, giveUp);
}

const maxTries = 1_000;

class BoundedFilter<TValue> extends fc.Arbitrary<TValue> {
  readonly #arbitrary: fc.Arbitrary<TValue>;
  readonly #isWanted: (value: TValue) => boolean;
  readonly #giveUp: () => Error;

  constructor(arbitrary: fc.Arbitrary<TValue>, isWanted: (value: TValue) => boolean, giveUp: () => Error) {
    super();
    this.#arbitrary = arbitrary;
    this.#isWanted = isWanted;
    this.#giveUp = giveUp;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<TValue> {
    for (let count = 0; count < maxTries; count++) {
      const made = this.#arbitrary.generate(random, biasFactor);
      if (this.#fits(made)) return made;
    }
    throw this.#giveUp();
  }

  override canShrinkWithoutContext(value: unknown): value is TValue {
    return this.#arbitrary.canShrinkWithoutContext(value) && this.#isWanted(value);
  }

  override shrink(value: TValue, context: unknown): fc.Stream<fc.Value<TValue>> {
    return this.#arbitrary.shrink(value, context).filter((smaller) => this.#fits(smaller));
  }

  #fits(made: fc.Value<TValue>): boolean {
    // Read without marking it as in use: what can change is copied for whoever gets it.
    return this.#isWanted(made.value_);
  }
}
