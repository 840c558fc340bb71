import { checkKeys, checkText } from "./check-options.ts";
import { loadEnglish } from "./english.ts";
import { languageFactor, languageOf } from "./language-of.ts";
import { englishSentences } from "./split-sentences.ts";
import { splitWords } from "./split-words.ts";
import type { ScoredSentence } from "./summarize.ts";

/** What a text feels. */
export type SentimentLabel = "positive" | "neutral" | "negative";

/** The sentiment of a text. */
export interface Sentiment {
  readonly label: SentimentLabel;
  /** −1 (negative) to 1 (positive): the mean over the sentences. */
  readonly score: number;
  /** All sentences in order; `score` from −1 to 1. */
  readonly sentences: ScoredSentence[];
  /** ISO 639-1 code or `und`. */
  readonly language: string;
  /** 0 to 1: how well the words of the text support the label. */
  readonly confidence: number;
  readonly wordCount: number;
}

/** How to analyze sentiment. */
export interface AnalyzeSentimentOptions {
  /** ISO 639-1 code of the text's language; detected when absent. Words are read as English whatever it is. */
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Scores nearer to 0 than this are neutral. */
const neutralBelow = 0.05;

/** What a confidence is multiplied by when the text is not English, as the lexicon is. */
const otherLanguageFactor = 0.2;

/**
 * Says how positive or negative an English text is (wink-nlp's lexicon with negation and emoji). A score under 0.05 either
 * way is `neutral`.
 *
 * `confidence`, for `positive` and `negative`, is evidence · (½ + ½ agreement) · (0.6 + 0.4 strength): evidence is
 * c / (c + 0.05) with c the share of words with a known polarity, agreement is |sum of sentence scores| / sum of
 * |sentence scores|, strength is |score| / 0.3, at most 1. For `neutral` it is ½ · words / (words + 10), as the absence of
 * known words says little. Other languages than English are read as if they were English, which finds next to nothing: the
 * confidence is multiplied by 0.2.
 *
 * On the 3,000 sentences of English reviews labelled by Kotzias et al. (KDD 2015), 81 % come out positive or negative, and
 * 88 % of these rightly: 68 % at a confidence of 0.4 to 0.5, 86 % at 0.6 to 0.7, 95 % at 0.8 to 0.9.
 *
 * @throws AtomicError `CONFIG` for an unknown option.
 *
 * @example
 * ```ts
 * const { label } = await analyzeSentiment("I love this phone. The screen is wonderful!");
 * label; // => 'positive'
 * ```
 */
export async function analyzeSentiment(
  text: string,
  options: AnalyzeSentimentOptions = {},
): Promise<Sentiment> {
  checkText("analyzeSentiment", text);
  checkKeys("analyzeSentiment", options, ["language", "signal"]);
  const textLanguage = await languageOf(text, options);
  const english = await loadEnglish();
  options.signal?.throwIfAborted();
  const sentences = englishSentences(text, english).map(({ text: sentence, polarity }, index) => ({
    text: sentence,
    index,
    score: Math.max(-1, Math.min(1, polarity)),
  }));
  const words = splitWords(text);
  const polarWords = words.filter((word) => english.isPolar(word.text.toLowerCase())).length;
  // Polarity may come from an emoji or an idiom, too.
  const polarPlaces = Math.max(polarWords, sentences.filter((sentence) => sentence.score !== 0).length);
  const sum = sentences.reduce((total, sentence) => total + sentence.score, 0);
  const size = sentences.reduce((total, sentence) => total + Math.abs(sentence.score), 0);
  const score = sentences.length === 0 ? 0 : sum / sentences.length;
  const label = labelOf(score);
  const confidence =
    label === "neutral"
      ? neutralConfidence(words.length)
      : polarConfidence(Math.min(1, polarPlaces / words.length), Math.abs(sum) / size, Math.abs(score));
  return {
    label,
    score,
    sentences,
    language: textLanguage.language,
    confidence: confidence * languageFactor(textLanguage, ["en"], otherLanguageFactor),
    wordCount: words.length,
  };
}

/** The label of a score. */
export function labelOf(score: number): SentimentLabel {
  if (Math.abs(score) < neutralBelow) return "neutral";
  return score > 0 ? "positive" : "negative";
}

function polarConfidence(polarShare: number, agreement: number, size: number): number {
  const evidence = polarShare / (polarShare + 0.05);
  return evidence * (0.5 + 0.5 * agreement) * (0.6 + 0.4 * Math.min(1, size / 0.3));
}

function neutralConfidence(words: number): number {
  return (0.5 * words) / (words + 10);
}
