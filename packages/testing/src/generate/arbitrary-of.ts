import fc from "fast-check";
import { Builder } from "./builder.ts";
import { usageError } from "../usage-error.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { isRecord } from "./json-value.ts";
import type { Schema } from "./resolve-ref.ts";

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
export function arbitraryOf(jsonSchema: object | boolean): fc.Arbitrary<unknown> {
  return arbitraryBy(new Builder(schemaOf("arbitraryOf", jsonSchema)));
}

/** The same, with a builder that may have made other things of its schema before. */
export function arbitraryBy(builder: Builder): fc.Arbitrary<unknown> {
  const arbitrary = builder.build(builder.root, "#");
  tryOut(arbitrary, 20);
  return arbitrary;
}

/** What was given, as a schema: vendors have types of their own for it. @throws AtomicError `CONFIG` for what is none */
export function schemaOf(what: string, given: object | boolean): Schema {
  if (typeof given === "boolean" || isRecord(given)) return given;
  throw usageError(what, "its argument", "a JSON Schema: an object, true or false", given);
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
