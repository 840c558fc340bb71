import { checkCount, checkKeys, checkText } from "./check-options.ts";
import { isHighSurrogate, isLowSurrogate, skipBlank, visibleLength } from "./characters.ts";
import { hideAllAbbreviations } from "./hide-abbreviations.ts";
import { lazyValue } from "./lazy.ts";

/** How to split a text. */
export interface SplitTextOptions {
  /** The most characters (code points) in a chunk, not counting blank ones at its two ends. Default 10,000. */
  readonly maxCharacters?: number | undefined;
}

/** The most characters that agents on text take at once. */
export const mostCharacters = 10_000;

/** How far behind the limit the segmenter looks, in UTF-16 units, to tell whether a sentence ends there. */
const lookAhead = 100;

/**
 * Splits a text into chunks that agents on text accept. The chunks joined give the text back exactly. A cut is made behind
 * the last paragraph that fits, if it fills half of the chunk; else behind the last sentence; else behind the last word;
 * else between two code points, never inside a surrogate pair. White space at a cut stays with the chunk before it, so no
 * chunk is blank unless the whole text is. An empty text has no chunks.
 *
 * @throws AtomicError `CONFIG` for a `maxCharacters` that is no whole number from 1, or an unknown option.
 *
 * @example
 * ```ts
 * splitText("One two. Three four.", { maxCharacters: 12 }); // => [ 'One two. ', 'Three four.' ]
 * ```
 */
export function splitText(text: string, options: SplitTextOptions = {}): readonly string[] {
  checkText("splitText", text);
  checkKeys("splitText", options, ["maxCharacters"]);
  const { maxCharacters = mostCharacters } = options;
  checkCount("splitText", "maxCharacters", maxCharacters, 1, 2_147_483_647);
  const end = visibleLength(text);
  const chunks: string[] = [];
  let start = 0;
  while (start < text.length) {
    const first = skipBlank(text, start);
    const limit = afterCharacters(text, first, maxCharacters);
    if (limit >= end) {
      chunks.push(text.slice(start));
      break;
    }
    const next = skipBlank(text, cutBefore(text, first, limit));
    chunks.push(text.slice(start, next));
    start = next;
  }
  return chunks;
}

/** Where to cut, above `first` and at most `limit`. */
function cutBefore(text: string, first: number, limit: number): number {
  const half = first + (limit - first) / 2;
  const paragraph = lastParagraphEnd(text, first, limit);
  if (paragraph >= half) return paragraph;
  return lastSentenceEnd(text, first, limit) ?? lastWordEnd(text, first, limit) ?? limit;
}

function lastParagraphEnd(text: string, first: number, limit: number): number {
  let last = 0;
  // The paragraph may end at the limit itself, with its empty line behind.
  for (const match of text.slice(first, limit + lookAhead).matchAll(/(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)/g)) {
    if (first + match.index <= limit) last = first + match.index;
  }
  return last;
}

const sentenceSegmenter = lazyValue(() => new Intl.Segmenter("en", { granularity: "sentence" }));

function lastSentenceEnd(text: string, first: number, limit: number): number | undefined {
  const window = hideAllAbbreviations(text.slice(first, limit + lookAhead).replace(/[\n\r]/g, " "));
  let last: number | undefined;
  for (const { segment, index } of sentenceSegmenter().segment(window)) {
    const end = index + segment.trimEnd().length;
    // The last segment ends where the window does, which says nothing.
    if (first + end > limit || index + segment.length === window.length) break;
    if (end > 0) last = first + end;
  }
  return last;
}

function lastWordEnd(text: string, first: number, limit: number): number | undefined {
  for (let at = limit; at > first; at--) {
    if (/\s/.test(text[at] ?? "") && !/\s/.test(text[at - 1] ?? "")) return at;
  }
  return undefined;
}

/** The place `count` code points behind `from`, or the text's end. */
function afterCharacters(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < text.length; left--) {
    const isPair = isHighSurrogate(text.charCodeAt(at)) && isLowSurrogate(text.charCodeAt(at + 1));
    at += isPair ? 2 : 1;
  }
  return at;
}
