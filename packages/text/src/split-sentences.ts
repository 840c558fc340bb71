import { isBlank } from "./characters.ts";
import { checkKeys, checkText } from "./check-options.ts";
import { hideEndlessWords } from "./endless-words.ts";
import { type English, type EnglishSentence, loadEnglish, type WordClass } from "./english.ts";
import { hideAbbreviations } from "./hide-abbreviations.ts";
import { languageOf } from "./language-of.ts";
import { remember } from "./remember.ts";

/** A sentence and where it stands: `text.slice(start, end)` is the sentence. */
export interface Sentence {
  readonly text: string;
  /** In UTF-16 units, as JavaScript counts. */
  readonly start: number;
  /** Just behind the sentence's last visible character. */
  readonly end: number;
}

/** A sentence with its polarity from −1 to 1. */
export interface PolarSentence extends Sentence {
  readonly polarity: number;
}

/** How to split sentences. */
export interface SplitSentencesOptions {
  /** ISO 639-1 code of the text's language; detected when absent. */
  readonly language?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Splits a text into sentences, in order; between them lies nothing but white space. English is cut by wink-nlp's
 * model, which knows "Dr." and "e.g.", and is told of more ("et al. (2015)", "Fig. 3"); other languages by `Intl.Segmenter`. An empty line ends a sentence, a single line
 * break does not. A stretch without a word, such as "***" or "😀", belongs to the sentence before it. English does not look
 * into a stretch of 1,000 characters or more without white space.
 *
 * @throws AtomicError `CONFIG` for an unknown option.
 *
 * @example
 * ```ts
 * const sentences = await splitSentences("Dr. Smith paid $3.50. He left.", { language: "en" });
 * sentences.map((sentence) => sentence.text); // => [ 'Dr. Smith paid $3.50.', 'He left.' ]
 * ```
 */
export async function splitSentences(
  text: string,
  options: SplitSentencesOptions = {},
): Promise<readonly Sentence[]> {
  checkText("splitSentences", text);
  checkKeys("splitSentences", options, ["language", "signal"]);
  const { language } = await languageOf(text, options);
  if (language !== "en") return segmentSentences(text, language);
  const english = await loadEnglish();
  options.signal?.throwIfAborted();
  return englishSentences(text, english).map(({ text: sentence, start, end }) => ({
    text: sentence,
    start,
    end,
  }));
}

/** English sentences with their polarity. */
export function englishSentences(text: string, english: English): readonly PolarSentence[] {
  return readEnglish(text, english).sentences;
}

/** The classes of the words of an English text, by the word in lower case. */
export function englishWordClasses(text: string, english: English): ReadonlyMap<string, WordClass> {
  return readEnglish(text, english).wordClasses();
}

const readEnglish = remember((text: string, english: English) => {
  const readable = hideAbbreviations(hideEndlessWords(unwrap(text)));
  const reading = english.read(readable);
  const located =
    locate(readable, reading.sentences) ??
    segmentSentences(readable, "en").map((sentence) => score(sentence, english));
  const sentences = joinWordless(
    text,
    located.map((sentence) => ({ ...sentence, text: text.slice(sentence.start, sentence.end) })),
  );
  return { sentences, wordClasses: reading.wordClasses };
});

/** Sentences by the rules of Unicode (UAX #29) and the language's own, without a model. */
function segmentSentences(text: string, language: string): readonly Sentence[] {
  const sentences: PolarSentence[] = [];
  const segmenter = new Intl.Segmenter(language === "und" ? "en" : language, { granularity: "sentence" });
  for (const { segment, index } of segmenter.segment(unwrap(text))) {
    if (isBlank(segment)) continue;
    const start = index + segment.length - segment.trimStart().length;
    const end = index + segment.trimEnd().length;
    sentences.push({ text: text.slice(start, end), start, end, polarity: 0 });
  }
  return joinWordless(text, sentences).map(({ text: sentence, start, end }) => ({
    text: sentence,
    start,
    end,
  }));
}

/**
 * Line ends within a paragraph become spaces: to a segmenter each ends a sentence, and texts wrapped at 80 columns are
 * full of them. Empty lines become exactly two line ends, which the English model knows. Lengths, and so places, stay.
 */
function unwrap(text: string): string {
  return text.replace(/[\n\r]\s*/g, (space) => {
    const lineEnds = space.match(/\r\n|[\n\r]/g)?.length ?? 0;
    return (lineEnds > 1 ? "\n\n" : "").padEnd(space.length);
  });
}

/** Finds the model's sentences in the text; undefined where one is not there as the model gives it. */
function locate(text: string, found: readonly EnglishSentence[]): readonly PolarSentence[] | undefined {
  const sentences: PolarSentence[] = [];
  let from = 0;
  for (const { text: sentence, polarity } of found) {
    const trimmed = sentence.trim();
    if (trimmed === "") continue;
    const start = text.indexOf(trimmed, from);
    if (start < 0 || !isBlank(text.slice(from, start))) return undefined;
    from = start + trimmed.length;
    sentences.push({ text: trimmed, start, end: from, polarity });
  }
  return isBlank(text.slice(from)) ? sentences : undefined;
}

function score(sentence: Sentence, english: English): PolarSentence {
  const parts = english.read(sentence.text).sentences;
  const polarity = parts.reduce((sum, part) => sum + part.polarity, 0) / Math.max(1, parts.length);
  return { ...sentence, polarity };
}

/** Gives stretches without a word to the sentence before them, or to the first one. */
function joinWordless(text: string, sentences: readonly PolarSentence[]): readonly PolarSentence[] {
  const joined: PolarSentence[] = [];
  let lead: PolarSentence | undefined;
  for (const sentence of sentences) {
    const before = joined.at(-1);
    if (!/[\p{L}\p{N}]/u.test(sentence.text)) {
      if (before === undefined) lead = lead === undefined ? sentence : join(text, lead, sentence);
      else joined[joined.length - 1] = join(text, before, sentence);
    } else if (lead !== undefined && before === undefined) {
      joined.push(join(text, lead, sentence));
    } else {
      joined.push(sentence);
    }
  }
  return joined.length === 0 && lead !== undefined ? [lead] : joined;
}

/** The polarity of two is their mean, or that of the one which has any: "Bought it. 😡" is as angry as its emoji. */
function join(text: string, first: PolarSentence, second: PolarSentence): PolarSentence {
  const polarity =
    first.polarity === 0 || second.polarity === 0
      ? first.polarity + second.polarity
      : (first.polarity + second.polarity) / 2;
  return { text: text.slice(first.start, second.end), start: first.start, end: second.end, polarity };
}
