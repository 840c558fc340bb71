import fc from "fast-check";
import { schemaOf, tryOut } from "./arbitrary-of.ts";
import { boundedFilter } from "./bounded-filter.ts";
import { Builder } from "./builder.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import { formatPath } from "./format-path.ts";
import { judge } from "./judge.ts";
import { type Miss, missesOf } from "./misses.ts";
import type { Schema } from "./resolve-ref.ts";

/** A way to be almost valid: values that are wrong in one place. */
export interface NearMiss {
  /** What is wrong, as in `a number instead of a string`. */
  readonly what: string;
  /** The keyword of the schema that is broken. */
  readonly keyword: string;
  /**
   * Where, as issues write it: `items[0].name`; `""` for the value itself. Inside of a choice (`anyOf`, `oneOf`) where
   * the choice is: which of its ways was meant nobody can tell.
   */
  readonly path: string;
  readonly arbitrary: fc.Arbitrary<unknown>;
}

/**
 * The ways to be almost valid for a JSON Schema of draft 2020-12: a required key that is missing, one too many, another
 * type, `null`, a value that is not listed, a length or a number just outside its bounds, a text that does not match.
 * Each value is wrong in one place only. None for a schema that takes everything.
 *
 * What a schema's `format` refuses is left to whoever validates: hold each value against the schema it is meant for.
 *
 * @throws AtomicError `CONFIG` when no values can be made, as `arbitraryOf` does
 * @example
 * ```ts
 * const misses = nearMisses(z.toJSONSchema(z.strictObject({ word: z.string().min(2) })));
 * for (const { what, path } of misses.slice(0, 4)) console.log(`${path || "the value"}: ${what}`);
 * // => the value: null instead of an object
 * // => the value: another type than an object
 * // => the value: a key that is not allowed
 * // => word: missing
 * ```
 */
export function nearMisses(jsonSchema: object | boolean): readonly NearMiss[] {
  return nearMissesBy(new Builder(schemaOf("nearMisses", jsonSchema)));
}

/** The same, with a builder that may have made other things of its schema before. */
export function nearMissesBy(builder: Builder): readonly NearMiss[] {
  const schema = builder.root;
  return missesOf(schema, builder).flatMap((miss) => {
    const arbitrary = onlyRefused(miss, schema);
    try {
      tryOut(arbitrary, 5);
    } catch (thrown) {
      // It is wrong for one way to be valid and right for another, or too seldom wrong.
      if (thrown instanceof CannotGenerate) return [];
      throw thrown;
    }
    const { what, keyword, keys } = miss;
    return [{ what, keyword, path: formatPath(keys), arbitrary }];
  });
}

function onlyRefused({ arbitrary, keyword, keys }: Miss, schema: Schema): fc.Arbitrary<unknown> {
  if (keyword === "format") return arbitrary;
  return boundedFilter(
    arbitrary,
    (value) => judge(schema, value).verdict !== "valid",
    () =>
      new CannotGenerate("none", { keyword, path: formatPath(keys) }, "what was made is valid all the same"),
  );
}
