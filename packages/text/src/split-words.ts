import { lazyValue } from "./lazy.ts";
import { remember } from "./remember.ts";

/** A word and where it stands. */
export interface Word {
  readonly text: string;
  /** In UTF-16 units, as JavaScript counts. */
  readonly start: number;
  /** Just behind the word. */
  readonly end: number;
}

/** Scripts written without spaces between words; their words are found by dictionary. */
const unspaced = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"]
  .map((script) => String.raw`\p{Script=${script}}`)
  .join("");

const wordPattern = lazyValue(() => {
  // Letters, their marks, digits and connectors such as `_`; joiners and soft hyphens do not end a word.
  const part = String.raw`[[\p{L}\p{M}\p{N}\p{Pc}\u00AD\u200C\u200D\u2060]--[${unspaced}]]`;
  const start = String.raw`[[\p{L}\p{N}\p{Pc}]--[${unspaced}]]`;
  // "don't", "example.com", "U.S", "well-known", "COVID-19", and between digits "3.14", "1,000".
  const joint = String.raw`(?:['’.](?=\p{L})|[\-\u2010\u2011](?=[\p{L}\p{N}])|(?<=\p{N})[.,](?=\p{N}))`;
  const run = String.raw`[[\p{L}\p{M}\p{N}]&&[${unspaced}\u30FC]][[\p{L}\p{M}\p{N}]&&[${unspaced}\u30FC]]*`;
  return new RegExp(`(?<unspaced>${run})|${start}${part}*(?:${joint}${part}+)*`, "gv");
});

// The locale changes nothing here: the dictionaries are chosen by script.
const wordSegmenter = lazyValue(() => new Intl.Segmenter("en", { granularity: "word" }));

/**
 * Finds the words of a text in any script. Spaces, punctuation, symbols, emoji and lone surrogates are no words; a
 * hyphen or an apostrophe between letters does not end one. Chinese, Japanese, Thai, Lao, Khmer and Burmese, which put
 * no spaces between words, are cut by the dictionaries of `Intl.Segmenter`.
 *
 * @example
 * ```ts
 * splitWords("Don't panic 😀").map((word) => word.text); // => [ "Don't", 'panic' ]
 * ```
 */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(wordPattern())) {
    const found = match[0];
    if (match.groups?.["unspaced"] === undefined) {
      words.push({ text: found, start: match.index, end: match.index + found.length });
      continue;
    }
    for (const segment of wordSegmenter().segment(found)) {
      if (!segment.isWordLike) continue;
      const start = match.index + segment.index;
      words.push({ text: segment.segment, start, end: start + segment.segment.length });
    }
  }
  return words;
}

/**
 * Counts the words of a text in any script, as `splitWords` finds them.
 *
 * @example
 * ```ts
 * countWords("The well-known user's guide, 2nd edition"); // => 6
 * countWords("今日は良い天気です"); // => 5
 * ```
 */
export function countWords(text: string): number {
  return count(text);
}

const count = remember((text: string) => splitWords(text).length);
