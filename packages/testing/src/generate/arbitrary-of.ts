import type { JsonSchema } from "@atomic-agents/contracts";
import fc from "fast-check";
import { Builder } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";

/**
 * Values that a JSON Schema of draft 2020-12 takes, for properties of fast-check. Mostly small, with what is at the
 * bounds and what trips code; they shrink, and come again with the seed. `examples` in the schema are used as well.
 *
 * References within the document are followed, also of schemas that hold themselves: such values are a few levels
 * deep. What an agent's own check refuses beyond its JSON Schema (`refine`) does not show: use `fc.pre`.
 *
 * @throws AtomicError `CONFIG` when no values can be made, with the keyword and where it stands; also while generating,
 * when too many values in a row do not fit
 * @example
 * ```ts
 * import fc from "fast-check";
 *
 * const Pair = z.object({ word: z.string().min(1), count: z.int().min(1).max(9) });
 * const pairs = arbitraryOf(z.toJSONSchema(Pair));
 * const property = fc.property(pairs, (pair) => Pair.safeParse(pair).success);
 * console.log(fc.check(property, { seed: 1 }).failed); // => false
 * ```
 */
export function arbitraryOf(jsonSchema: JsonSchema | boolean): fc.Arbitrary<unknown> {
  const arbitrary = new Builder(jsonSchema).build(jsonSchema, "#");
  tryOut(arbitrary, 20);
  return arbitrary;
}

/** Makes a few values, so that what cannot be generated is said here and not in the middle of a test. */
export function tryOut(arbitrary: fc.Arbitrary<unknown>, count: number): void {
  try {
    fc.sample(arbitrary, { numRuns: count, seed: 1 });
  } catch (thrown) {
    throw causeOf(thrown);
  }
}

/** fast-check puts errors of its own around what an arbitrary throws. */
export function causeOf(thrown: unknown): unknown {
  const seen = new Set<unknown>();
  for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    if (error instanceof CannotGenerate) return error;
    seen.add(error);
  }
  return thrown;
}
