import { AtomicError } from "@atomic-agents/core";
import { labelOf, type Sentiment } from "./analyze-sentiment.ts";
import { checkCount, checkKeys } from "./check-options.ts";
import { contentWords } from "./content-words.ts";
import type { DetectedLanguage, LanguageCandidate } from "./detect-language.ts";
import { defaultMaxKeywords, type Keyword, type Keywords, mostKeywords } from "./extract-keywords.ts";
import { defaultMaxSentences, joinSentences, mostSentences, type Summary } from "./summarize.ts";
import { chooseSentences } from "./text-rank.ts";

/** How many keywords and sentences a merged result has. */
export interface MergeOptions {
  /** 1 to 100, default 3. */
  readonly maxSentences?: number | undefined;
  /** 1 to 100, default 10. */
  readonly maxKeywords?: number | undefined;
}

interface Part {
  readonly language: string;
  readonly confidence: number;
  readonly wordCount: number;
}

/**
 * Makes one summary of the summaries of consecutive chunks: their sentences are ranked against each other (TextRank), the
 * best are kept in their order. `confidence` is the chunks' mean, weighted by words, times the share of the chunks'
 * summaries' words that the kept sentences cover.
 *
 * @throws AtomicError `CONFIG` for no parts, or a `maxSentences` that is no whole number from 1 to 100.
 */
export function mergeSummaries(parts: readonly Summary[], options: MergeOptions = {}): Summary {
  checkKeys("mergeSummaries", options, ["maxSentences", "maxKeywords"]);
  const { maxSentences = defaultMaxSentences } = options;
  checkCount("mergeSummaries", "maxSentences", maxSentences, 1, mostSentences);
  const merged = mergeParts("mergeSummaries", parts);
  const candidates = inOneText(parts.map(({ sentences, sentenceCount }) => ({ sentences, sentenceCount })));
  const words = candidates.map((sentence) => contentWords(sentence.text, merged.language));
  const chosen = chooseSentences(words, maxSentences);
  const kept = new Set(chosen.flatMap(({ index }) => words[index] ?? []));
  const all = words.flat();
  const share = all.length === 0 ? 1 : all.filter((word) => kept.has(word)).length / all.length;
  const sentences = chosen.flatMap(({ index, score }) => {
    const sentence = candidates[index];
    return sentence === undefined ? [] : [{ ...sentence, score }];
  });
  return {
    summary: joinSentences(
      sentences.map((sentence) => sentence.text),
      merged.language,
    ),
    sentences,
    sentenceCount: parts.reduce((sum, part) => add(sum, part.sentenceCount), 0),
    ...merged,
    confidence: merged.confidence * share,
  };
}

/**
 * Makes one list of the keywords of consecutive chunks: a keyword's scores are added up, each weighted by its chunk's
 * words, multiplied by 1 − 2^−n where it stands n times in all (what tells of one chunk may not tell of all), and
 * scaled so that the best has 1; counts are added up. Written as where it scored best. `confidence` is the chunks' mean,
 * weighted by words.
 *
 * @throws AtomicError `CONFIG` for no parts, or a `maxKeywords` that is no whole number from 1 to 100.
 */
export function mergeKeywords(parts: readonly Keywords[], options: MergeOptions = {}): Keywords {
  checkKeys("mergeKeywords", options, ["maxSentences", "maxKeywords"]);
  const { maxKeywords = defaultMaxKeywords } = options;
  checkCount("mergeKeywords", "maxKeywords", maxKeywords, 1, mostKeywords);
  const merged = mergeParts("mergeKeywords", parts);
  const weights = weightsOf(parts);
  const totals = new Map<string, Keyword & { readonly best: number }>();
  for (const [index, { keywords }] of parts.entries()) {
    for (const { text, score, count } of keywords) {
      const key = text.toLowerCase();
      const known = totals.get(key) ?? { text, score: 0, count: 0, best: 0 };
      totals.set(key, {
        text: score > known.best ? text : known.text,
        score: known.score + score * (weights[index] ?? 0),
        count: add(known.count, count),
        best: Math.max(score, known.best),
      });
    }
  }
  const weigh = (count: number) => (parts.length === 1 ? 1 : 1 - 2 ** -count);
  const sorted = [...totals.values()]
    .map(({ text, score, count }) => ({ text, score: score * weigh(count), count }))
    .toSorted((first, second) => second.score - first.score)
    .slice(0, maxKeywords);
  // Where no keyword has a score, none is made up.
  const highest = sorted[0]?.score || 1;
  return {
    keywords: sorted.map(({ text, score, count }) => ({ text, score: score / highest, count })),
    ...merged,
  };
}

/**
 * Makes one sentiment of the sentiments of consecutive chunks: the mean over all sentences, as if the text had been read
 * in one piece. `confidence` is the chunks' mean, weighted by words, times ½ + ½ · |sum of the chunks' scores| / sum of
 * |chunks' scores|, weighted by sentences, unless the label is `neutral`.
 *
 * @throws AtomicError `CONFIG` for no parts.
 */
export function mergeSentiments(parts: readonly Sentiment[]): Sentiment {
  const merged = mergeParts("mergeSentiments", parts);
  const sentences = inOneText(
    parts.map((part) => ({ sentences: part.sentences, sentenceCount: part.sentences.length })),
  );
  const sum = parts.reduce((total, part) => total + part.score * part.sentences.length, 0);
  const size = parts.reduce((total, part) => total + Math.abs(part.score) * part.sentences.length, 0);
  const score = sentences.length === 0 ? 0 : sum / sentences.length;
  const label = labelOf(score);
  const agreement = label === "neutral" ? 1 : 0.5 + 0.5 * (Math.abs(sum) / size);
  return { label, score, sentences, ...merged, confidence: merged.confidence * agreement };
}

/**
 * Makes one answer of the languages of consecutive chunks: the language of more than half of the words, else `und`.
 * `confidence` is that of the chunks in the best language, weighted by words, the others counting 0.
 *
 * @throws AtomicError `CONFIG` for no parts.
 */
export function mergeLanguages(parts: readonly DetectedLanguage[]): DetectedLanguage {
  const merged = mergeParts("mergeLanguages", parts);
  const weights = weightsOf(parts);
  const scores = new Map<string, number>();
  for (const [index, part] of parts.entries()) {
    for (const { language, score } of part.candidates) {
      scores.set(language, (scores.get(language) ?? 0) + score * (weights[index] ?? 0));
    }
  }
  const candidates: LanguageCandidate[] = [...scores]
    .map(([language, score]) => ({ language, score }))
    .toSorted((first, second) => second.score - first.score)
    .slice(0, 3);
  const agreeing = parts.map((part) => (part.language === merged.language ? part.confidence : 0));
  return { candidates, ...merged, confidence: weightedMean(agreeing, weights) };
}

function mergeParts(what: string, parts: readonly Part[]): Part {
  if (parts.length === 0) {
    const [expected, got] = ["at least one result", "an empty array"];
    throw new AtomicError("CONFIG", `${what}: parts must hold ${expected}, got ${got}`, {
      details: { path: "parts", expected, got },
      hint: "A blank text has no chunks: check the text before it is split.",
    });
  }
  const weights = weightsOf(parts);
  const languages = new Map<string, number>();
  for (const [index, { language }] of parts.entries()) {
    languages.set(language, (languages.get(language) ?? 0) + (weights[index] ?? 0));
  }
  const [language, share] = [...languages].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  return {
    language: share > 0.5 ? language : "und",
    confidence: weightedMean(
      parts.map((part) => part.confidence),
      weights,
    ),
    wordCount: parts.reduce((sum, part) => add(sum, part.wordCount), 0),
  };
}

/** A sum of counts; no higher than whole numbers are exact, which no text comes near. */
function add(count: number, more: number): number {
  return Math.min(count + more, Number.MAX_SAFE_INTEGER);
}

/** The parts' shares of the words; equal shares where there are none. */
function weightsOf(parts: readonly Part[]): readonly number[] {
  const words = parts.reduce((sum, part) => sum + part.wordCount, 0);
  return parts.map((part) => (words === 0 ? 1 / parts.length : part.wordCount / words));
}

function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const sum = values.reduce((total, value, index) => total + value * (weights[index] ?? 0), 0);
  // Weights that add up to 1 may add up to a hair more.
  return Math.min(1, sum);
}

/** The sentences of all chunks, with their places in the whole text. */
function inOneText<TSentence extends { readonly index: number }>(
  parts: readonly { readonly sentences: readonly TSentence[]; readonly sentenceCount: number }[],
): TSentence[] {
  let before = 0;
  return parts.flatMap(({ sentences, sentenceCount }) => {
    const moved = sentences.map((sentence) => ({ ...sentence, index: add(sentence.index, before) }));
    before = add(before, sentenceCount);
    return moved;
  });
}
