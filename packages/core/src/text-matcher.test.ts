import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TextMatcher } from "./text-matcher.ts";

/** Of few letters, so that patterns begin alike, overlap and lie in one another. */
const letters = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength, maxLength });

const pattern = letters(6, 9);

/** Which characters belong to a pattern, looked for one by one. */
function coveredBy(patterns: readonly string[], text: string): ReadonlySet<number> {
  const covered = new Set<number>();
  for (const one of patterns) {
    for (let start = text.indexOf(one); start >= 0; start = text.indexOf(one, start + 1)) {
      for (let at = start; at < start + one.length; at++) covered.add(at);
    }
  }
  return covered;
}

function coveredIn(matcher: TextMatcher, text: string): ReadonlySet<number> {
  return new Set(
    (matcher.find(text) ?? []).flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, index) => start + index),
    ),
  );
}

test("finds all that is there and nothing else, in order and apart", () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 6 }), letters(0, 60), (patterns, text) => {
      const matcher = new TextMatcher();
      for (const one of patterns) matcher.add(one, "[x]");
      expect(coveredIn(matcher, text)).toEqual(coveredBy(patterns, text));
      let before = 0;
      for (const { start, end } of matcher.find(text) ?? []) {
        expect(start).toBeGreaterThanOrEqual(before);
        expect(end).toBeGreaterThan(start);
        before = end;
      }
    }),
  );
});

test("a pattern goes when it was taken back as often as it was added", () => {
  // Few patterns, so that one is added more than once.
  const few = fc.constantFrom("aaaaaa", "ababab", "bababa", "aaaaaab");
  const change = fc.record({ add: fc.boolean(), pattern: few });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), letters(0, 60), (changes, text) => {
      const matcher = new TextMatcher();
      const uses = new Map<string, number>();
      for (const { add, pattern: one } of changes) {
        const before = uses.get(one) ?? 0;
        if (add) {
          matcher.add(one, "[x]");
          uses.set(one, before + 1);
        } else {
          matcher.remove(one);
          uses.set(one, Math.max(0, before - 1));
        }
      }
      const left = [...uses].filter(([, count]) => count > 0).map(([one]) => one);
      expect(matcher.isEmpty).toBe(left.length === 0);
      expect(coveredIn(matcher, text)).toEqual(coveredBy(left, text));
    }),
  );
});

describe("what is shown", () => {
  const shownIn = (patterns: Readonly<Record<string, string>>, text: string) => {
    const matcher = new TextMatcher();
    for (const [one, shown] of Object.entries(patterns)) matcher.add(one, shown);
    return matcher.find(text)?.map(({ start, end, shown }) => [text.slice(start, end), shown]);
  };

  test("is that of each pattern", () => {
    expect(shownIn({ abcdef: "[1]", uvwxyz: "[2]" }, "abcdef uvwxyz abcdef")).toEqual([
      ["abcdef", "[1]"],
      ["uvwxyz", "[2]"],
      ["abcdef", "[1]"],
    ]);
  });

  test("is that of the longer one where patterns overlap", () => {
    expect(shownIn({ cdefgh: "[in]", abcdefghij: "[out]" }, "-abcdefghij-")).toEqual([
      ["abcdefghij", "[out]"],
    ]);
    expect(shownIn({ abcdefgh: "[long]", efghij: "[short]" }, "-abcdefghij-")).toEqual([
      ["abcdefghij", "[long]"],
    ]);
    expect(shownIn({ abcdef: "[short]", cdefghij: "[long]" }, "-abcdefghij-")).toEqual([
      ["abcdefghij", "[long]"],
    ]);
  });
});
