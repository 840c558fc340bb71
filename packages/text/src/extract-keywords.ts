import { checkCount, checkKeys, checkText } from "./check-options.ts";
import { loadEnglish } from "./english.ts";
import { languageFactor, languageOf } from "./language-of.ts";
import { englishWordClasses, splitSentences } from "./split-sentences.ts";
import { countWords } from "./split-words.ts";
import { stopWordLanguages } from "./stop-words.ts";
import { type Candidate, scorePhrases } from "./yake.ts";

/** A word or phrase that says what a text is about. */
export interface Keyword {
  /** As it is mostly written in the text. */
  readonly text: string;
  /** Above 0; 1 for the best of the text, half as much for one that is half as telling. */
  readonly score: number;
  /** How often it stands in the text; singular and plural together. */
  readonly count: number;
}

/** The keywords of a text. */
export interface Keywords {
  /** Best first; none for a text without content words. */
  readonly keywords: Keyword[];
  /** ISO 639-1 code or `und`. */
  readonly language: string;
  /** 0 to 1: how well the text supports its keywords. */
  readonly confidence: number;
  readonly wordCount: number;
}

/** How to extract keywords. */
export interface ExtractKeywordsOptions {
  /** 1 to 100, default 10. */
  readonly maxKeywords?: number | undefined;
  /** ISO 639-1 code of the text's language; detected when absent. */
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Keywords given, unless the caller says otherwise. */
export const defaultMaxKeywords = 10;
/** The most keywords a caller may ask for. */
export const mostKeywords = 100;

/** What a confidence is multiplied by in a language whose function words are not known. */
const unknownLanguageFactor = 0.6;

/**
 * Finds the words and phrases, of up to three words, that say what a text is about (YAKE, see `scorePhrases`). A phrase
 * that shares more than half of its words with a better one is left out. The same text gives the same keywords. English
 * phrases are nouns with what belongs to them; other languages do without word classes. Function words are known for
 * English, German, French, Spanish, Italian, Portuguese and Dutch, elsewhere words under four letters are taken for such.
 *
 * `confidence`: a keyword that stands n times in the text counts 1 − 2^−n (once 0.5, twice 0.75); the mean of these,
 * weighted by score, 0 without keywords; multiplied by 0.6 in other languages than the seven.
 *
 * @throws AtomicError `CONFIG` for a `maxKeywords` that is no whole number from 1 to 100, or an unknown option.
 *
 * @example
 * ```ts
 * const text = "Solar power grows fast. Wind power grows too, but solar power is cheaper.";
 * const { keywords } = await extractKeywords(text, { maxKeywords: 2 });
 * keywords[0]?.text; // => 'Solar power'
 * ```
 */
export async function extractKeywords(text: string, options: ExtractKeywordsOptions = {}): Promise<Keywords> {
  checkText("extractKeywords", text);
  checkKeys("extractKeywords", options, ["maxKeywords", "language", "signal"]);
  const { maxKeywords = defaultMaxKeywords, signal } = options;
  checkCount("extractKeywords", "maxKeywords", maxKeywords, 1, mostKeywords);
  const textLanguage = await languageOf(text, options);
  const { language } = textLanguage;
  const sentences = await splitSentences(text, { language, signal });
  const classes = language === "en" ? englishWordClasses(text, await loadEnglish()) : undefined;
  const candidates = scorePhrases(
    sentences.map((sentence) => sentence.text),
    language,
    classes,
  );
  const keywords = toKeywords(withoutRepeats(candidates, maxKeywords));
  return {
    keywords,
    language,
    confidence: support(keywords) * languageFactor(textLanguage, stopWordLanguages, unknownLanguageFactor),
    wordCount: countWords(text),
  };
}

function withoutRepeats(candidates: readonly Candidate[], count: number): readonly Candidate[] {
  const chosen: Candidate[] = [];
  for (const candidate of candidates) {
    if (chosen.length === count) break;
    if (!chosen.some((better) => overlap(candidate.keys, better.keys) > 0.5)) chosen.push(candidate);
  }
  return chosen;
}

/** The share of the shorter phrase's words that the other has too. */
function overlap(first: readonly string[], second: readonly string[]): number {
  const shared = first.filter((key) => second.includes(key)).length;
  return shared / Math.min(first.length, second.length);
}

function toKeywords(candidates: readonly Candidate[]): Keyword[] {
  const best = candidates[0]?.score ?? 1;
  return candidates.map(({ text, score, count }) => ({ text, score: best / score, count }));
}

/** How well a text supports its keywords, 0 to 1. */
function support(keywords: readonly Keyword[]): number {
  const weight = keywords.reduce((sum, keyword) => sum + keyword.score, 0);
  const supported = keywords.reduce((sum, keyword) => sum + keyword.score * (1 - 2 ** -keyword.count), 0);
  return weight === 0 ? 0 : supported / weight;
}
