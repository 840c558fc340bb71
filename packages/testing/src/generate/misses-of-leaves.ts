import fc from "fast-check";
import { CannotGenerate } from "./cannot-generate.ts";
import type { NumberLimits, StringLimits } from "./flat-schema.ts";
import type { LeafMiss } from "./misses.ts";
import { stringArbitrary } from "./strings.ts";

/** Numbers just outside of their limits. */
export function numberMisses(limits: NumberLimits): readonly LeafMiss[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multiplesOf } = limits;
  const misses: LeafMiss[] = [];
  const add = (what: string, keyword: string, values: readonly number[]) => {
    const finite = values.filter(Number.isFinite);
    if (finite.length > 0) misses.push({ what, keyword, arbitrary: fc.constantFrom(...finite) });
  };
  add("a number below the least", "minimum", [next(minimum, -1), minimum - 10]);
  add("a number above the most", "maximum", [next(maximum, 1), maximum + 10]);
  add("the number that it must be above", "exclusiveMinimum", [exclusiveMinimum]);
  add("the number that it must be below", "exclusiveMaximum", [exclusiveMaximum]);
  for (const step of multiplesOf) {
    const between = fc.integer({ min: -99, max: 99 }).map((count) => (count + 0.5) * step);
    misses.push({
      what: `a number that is no multiple of ${step}`,
      keyword: "multipleOf",
      arbitrary: between,
    });
  }
  return misses;
}

/** One more or less; of large numbers, which that would not change, the next that there is. */
function next(value: number, direction: 1 | -1): number {
  const moved = value + direction;
  return moved === value ? value + direction * Math.abs(value) * Number.EPSILON * 2 : moved;
}

const longest = 100_000;

/** Texts just outside of their limits. */
export function stringMisses(limits: StringLimits, path: string): readonly LeafMiss[] {
  const { minLength, maxLength, patterns, formats } = limits;
  const misses: LeafMiss[] = [];
  const ofLength = (length: number) => fc.constantFrom("a".repeat(length), "1".repeat(length));
  if (minLength > 0 && minLength <= longest)
    misses.push({ what: "a text too short", keyword: "minLength", arbitrary: ofLength(minLength - 1) });
  if (maxLength < longest)
    misses.push({ what: "a text too long", keyword: "maxLength", arbitrary: ofLength(maxLength + 1) });
  if (patterns.length > 0 || formats.length > 0) {
    const free = freeText(limits, path);
    if (free !== undefined) {
      const [what, keyword] =
        patterns.length > 0
          ? ["a text that does not match", "pattern"]
          : ["a text of no such format", "format"];
      misses.push({ what, keyword, arbitrary: free });
    }
  }
  return misses;
}

/** Texts of the right length, whatever their pattern and format. */
function freeText(limits: StringLimits, path: string): fc.Arbitrary<string> | undefined {
  try {
    return stringArbitrary({ ...limits, patterns: [], formats: [] }, path);
  } catch (thrown) {
    if (thrown instanceof CannotGenerate) return undefined;
    throw thrown;
  }
}
