import { checkCount, checkKeys, checkText } from "./check-options.ts";
import { contentWords } from "./content-words.ts";
import { languageFactor, languageOf } from "./language-of.ts";
import { splitSentences } from "./split-sentences.ts";
import { countWords } from "./split-words.ts";
import { stopWordLanguages } from "./stop-words.ts";
import { chooseSentences } from "./text-rank.ts";

/** A sentence that a result speaks of. */
export interface ScoredSentence {
  readonly text: string;
  /** Its place among the text's sentences, from 0. */
  readonly index: number;
  readonly score: number;
}

/** The most central sentences of a text, word for word. */
export interface Summary {
  /** The chosen sentences in one string, line breaks inside them turned into spaces. */
  readonly summary: string;
  /** The chosen sentences in their order in the text; `score` is above 0, and 1 for the most central. */
  readonly sentences: ScoredSentence[];
  /** How many sentences the text has. */
  readonly sentenceCount: number;
  /** ISO 639-1 code or `und`. */
  readonly language: string;
  /** 0 to 1: how much of the text the summary speaks of. */
  readonly confidence: number;
  readonly wordCount: number;
}

/** How to summarize. */
export interface SummarizeOptions {
  /** 1 to 100, default 3. A text with no more sentences is its own summary. */
  readonly maxSentences?: number | undefined;
  /** ISO 639-1 code of the text's language; detected when absent. */
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sentences in a summary, unless the caller says otherwise. */
export const defaultMaxSentences = 3;
/** The most sentences a caller may ask for. */
export const mostSentences = 100;

/** What a confidence is multiplied by in a language whose function words are not known. */
const unknownLanguageFactor = 0.7;

/**
 * Summarizes a text by its most central sentences (TextRank, see `chooseSentences`): nothing is rewritten, and nothing
 * said twice. The same text gives the same summary. Works in any language; function words are left out for English, German, French, Spanish,
 * Italian, Portuguese and Dutch, and words under four letters elsewhere.
 *
 * `confidence` is the coverage: of all the occurrences of content words in the text, the share whose word is also in the
 * summary. It is 1 where the summary is the whole text, and multiplied by 0.7 in other languages than the seven.
 *
 * Long texts take long in one piece, without a break for `signal`: 200,000 characters some 0.2 s.
 *
 * @throws AtomicError `CONFIG` for a `maxSentences` that is no whole number from 1 to 100, or an unknown option.
 *
 * @example
 * ```ts
 * const { summary } = await summarize("Bees make honey. It rained. Honey from bees keeps for years.", { maxSentences: 1 });
 * summary; // => 'Bees make honey.'
 * ```
 */
export async function summarize(text: string, options: SummarizeOptions = {}): Promise<Summary> {
  checkText("summarize", text);
  checkKeys("summarize", options, ["maxSentences", "language", "signal"]);
  const { maxSentences = defaultMaxSentences, signal } = options;
  checkCount("summarize", "maxSentences", maxSentences, 1, mostSentences);
  const textLanguage = await languageOf(text, options);
  const { language } = textLanguage;
  const sentences = await splitSentences(text, { language, signal });
  const words = sentences.map((sentence) => contentWords(sentence.text, language));
  const chosen = chooseSentences(words, maxSentences).map(({ index, score }) => ({
    text: sentences[index]?.text ?? "",
    index,
    score,
  }));
  const covered = coverage(
    words,
    chosen.map(({ index }) => index),
  );
  return {
    summary: joinSentences(
      chosen.map((sentence) => sentence.text),
      language,
    ),
    sentences: chosen,
    sentenceCount: sentences.length,
    language,
    confidence: covered * languageFactor(textLanguage, stopWordLanguages, unknownLanguageFactor),
    wordCount: countWords(text),
  };
}

/** Languages that put no space between sentences. */
const unspaced = ["zh", "ja", "th", "lo"];

/** One readable string of several sentences. */
export function joinSentences(sentences: readonly string[], language: string): string {
  const between = unspaced.includes(language) ? "" : " ";
  return sentences
    .map((sentence) => sentence.replace(/\s+/g, (space) => (/[\n\r]/.test(space) ? between : space)))
    .join(between);
}

function coverage(sentences: readonly (readonly string[])[], chosen: readonly number[]): number {
  const summary = new Set(chosen.flatMap((index) => sentences[index] ?? []));
  const words = sentences.flat();
  if (words.length === 0) return chosen.length === sentences.length ? 1 : chosen.length / sentences.length;
  return words.filter((word) => summary.has(word)).length / words.length;
}
