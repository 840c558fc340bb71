import fc from "fast-check";
import { boundedFilter } from "./bounded-filter.ts";
import { CannotGenerate } from "./cannot-generate.ts";
import type { StringLimits } from "./flat-schema.ts";
import { allFormats, formatArbitrary } from "./formats.ts";
import { codePoints, patternOf } from "./json-value.ts";

/** Texts that trip code: empty, blank, of other scripts, of several code units, and those that mean something. */
const oddTexts: readonly string[] = [
  "",
  " ",
  "\n",
  "\t\r\n",
  "\u0000",
  "0",
  "-1",
  "1e999",
  "null",
  "true",
  "undefined",
  "NaN",
  "{}",
  "[]",
  '"',
  "'",
  "\\",
  "`${1}`",
  "%00",
  "../..",
  "<b>&amp;</b>",
  "constructor",
  "__proto__",
  "é",
  "e\u0301",
  "ß",
  "İ",
  "日本語",
  "שלום",
  "\u202Eabc",
  "\u200B",
  "\uFEFFa",
  "😀",
  "👩‍👩‍👧",
  "a😀b",
];

/** Longer texts than this are asked for by mistake, or to see whether they can be. */
const maxLeastLength = 100_000;

/** How many characters a text has more than it must, mostly, and at times. */
const usualLength = 12;
const longLength = 200;

/**
 * Texts within limits: words and sentences, odd ones, and any characters; by format or pattern where there is one.
 *
 * @throws CannotGenerate when there is none, or none that was found
 */
export function stringArbitrary(limits: StringLimits, path: string): fc.Arbitrary<string> {
  const { minLength, maxLength, patterns } = limits;
  if (minLength > maxLength) {
    throw new CannotGenerate("none", { keyword: "minLength", path }, `it is above maxLength ${maxLength}`);
  }
  if (minLength > maxLeastLength) {
    throw new CannotGenerate(
      "unsupported",
      { keyword: "minLength", path },
      `texts of ${minLength} characters are too long to make many of`,
    );
  }
  const isWanted = wantedBy(limits, path);
  const candidates = [...formatted(limits), ...matching(patterns)];
  const chosen = viable(candidates, isWanted);
  // A pattern that most texts match says little; one that few match is met by what it was made of.
  const free = limits.formats.some((format) => formatArbitrary(format) !== undefined)
    ? []
    : viable(freeTexts(limits), isWanted);
  // A pattern that texts cannot be made of may be that of a format.
  const known = chosen.length + free.length === 0 ? viable(allFormats, isWanted) : [];
  const all = [...chosen, ...free, ...known];
  const [keyword = "maxLength", what = maxLength] =
    patterns.length > 0
      ? ["pattern", patterns.join(" and ")]
      : (limits.formats.map((one) => ["format", one])[0] ?? []);
  const giveUp = () => new CannotGenerate("unsupported", { keyword, path }, `no text was found for ${what}`);
  if (all.length === 0) throw giveUp();
  return boundedFilter(fc.oneof(...all), isWanted, giveUp);
}

function wantedBy({ minLength, maxLength, patterns }: StringLimits, path: string): (text: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const expression = patternOf(pattern);
    if (expression !== undefined) return expression;
    throw new CannotGenerate(
      "unsupported",
      { keyword: "pattern", path },
      `${pattern} is no regular expression`,
    );
  });
  return (text) => {
    const length = codePoints(text);
    return length >= minLength && length <= maxLength && expressions.every((one) => one.test(text));
  };
}

function formatted({ formats }: StringLimits): readonly fc.Arbitrary<string>[] {
  return formats.map(formatArbitrary).filter((one) => one !== undefined);
}

/** Texts made of each pattern, and of all of them one behind the other: such as those that begin, hold and end with. */
function matching(patterns: readonly string[]): readonly fc.Arbitrary<string>[] {
  const parts = patterns.map(matchingOne);
  const single = parts.filter((one) => one !== undefined);
  if (single.length !== patterns.length || patterns.length < 2 || patterns.length > 3) return single;
  return [...single, ...ordersOf(single).map((order) => fc.tuple(...order).map((texts) => texts.join("")))];
}

function matchingOne(pattern: string): fc.Arbitrary<string> | undefined {
  const expression = patternOf(pattern);
  try {
    return expression === undefined ? undefined : fc.stringMatching(expression, { size: "small" });
  } catch {
    // It uses what texts cannot be made of, such as a look ahead; texts of another origin are tried on it.
    return undefined;
  }
}

function ordersOf<TItem>(items: readonly TItem[]): readonly (readonly TItem[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

function freeTexts({ minLength, maxLength }: StringLimits): readonly fc.Arbitrary<string>[] {
  const upTo = (extra: number) => Math.min(maxLength, minLength + extra);
  const text = (unit: "grapheme-ascii" | "grapheme" | "binary", extra: number) =>
    fc.string({ unit, minLength, maxLength: upTo(extra), size: "max" });
  const fitting = oddTexts.filter((one) => {
    const length = codePoints(one);
    return length >= minLength && length <= maxLength;
  });
  const bounds = [minLength, maxLength].filter((length) => length > 0 && length <= 20_000);
  return [
    text("grapheme-ascii", usualLength),
    fc.lorem({ mode: "sentences", maxCount: 3 }),
    text("grapheme", usualLength),
    text("binary", usualLength),
    text("grapheme-ascii", longLength),
    ...(fitting.length === 0 ? [] : [fc.constantFrom(...fitting)]),
    ...(bounds.length === 0
      ? []
      : [fc.constantFrom(...bounds.flatMap((length) => ["a".repeat(length), "😀".repeat(length)]))]),
  ];
}

const probes = 40;

/** Those candidates of which at least one in ten fits, or else the one that fits most. */
function viable(
  candidates: readonly fc.Arbitrary<string>[],
  isWanted: (text: string) => boolean,
): readonly fc.Arbitrary<string>[] {
  const tried = candidates.map((candidate) => {
    const samples = fc.sample(candidate, { numRuns: probes, seed: 1 });
    return { candidate, share: samples.filter(isWanted).length / probes };
  });
  const good = tried.filter(({ share }) => share >= 0.1);
  if (good.length > 0) return good.map(({ candidate }) => candidate);
  const best = tried.toSorted((a, b) => b.share - a.share)[0];
  return best === undefined || best.share === 0 ? [] : [best.candidate];
}
