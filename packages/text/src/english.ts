import type { Model, WinkMethods } from "wink-nlp";
import { isBlank } from "./characters.ts";
import { lazyLoad } from "./lazy.ts";

/** A sentence as the English model cuts it, with its polarity from −1 to 1; not trimmed of its text, not located. */
export interface EnglishSentence {
  readonly text: string;
  readonly polarity: number;
}

/** What a word mostly is in a text: something that can be a keyword, something that may come before one, or neither. */
export type WordClass = "noun" | "modifier" | "other";

/** What this package asks of the English model. */
export interface English {
  readonly sentences: (text: string) => readonly EnglishSentence[];
  /** The class of each word of a text, by the word in lower case; a compound's parts stand alone. */
  readonly wordClasses: (text: string) => ReadonlyMap<string, WordClass>;
  /** Whether the model's lexicon gives this one word a polarity. */
  readonly isPolar: (word: string) => boolean;
}

/**
 * wink-nlp keeps every word it ever saw (some 120 bytes each). After so many characters a fresh instance is made from
 * the loaded model, in about 0.1 s, so that memory stays bounded however much text goes through.
 */
const charactersPerInstance = 10_000_000;

/** Longer than any word of the lexicon; "a-a-a-…" is one word, and the model takes time by the square of its length. */
const longestWord = 40;

/**
 * Loads wink-nlp and its English model on first use (some 0.2 s and 70 MB); shared by all callers.
 *
 * Only the parts that the package needs are switched on.
 */
export const loadEnglish: () => Promise<English> = lazyLoad(async () => {
  const [{ default: createWink }, { default: model }] = await Promise.all([
    import("wink-nlp"),
    import("wink-eng-lite-web-model"),
  ]);
  return renewing(() => createWink(model as Model, ["sbd", "negation", "sentiment", "pos"]));
});

function renewing(create: () => WinkMethods): English {
  let wink = create();
  let polar = new Map<string, boolean>();
  let charactersLeft = charactersPerInstance;

  const read = (text: string) => {
    if (charactersLeft < 0) {
      wink = create();
      polar = new Map();
      charactersLeft = charactersPerInstance;
    }
    charactersLeft -= text.length;
    return wink.readDoc(text);
  };

  return {
    sentences: (text) => {
      if (isBlank(text)) return [];
      const sentences = read(text).sentences();
      const texts = sentences.out();
      // `its.sentiment` gives a number for every sentence; the type of `out` cannot say so.
      const polarities = sentences.out(wink.its.sentiment) as readonly number[];
      return texts.map((sentence, index) => ({ text: sentence, polarity: polarities[index] ?? 0 }));
    },
    wordClasses: (text) => {
      const tokens = read(text.replace(/\S{1000,}/g, " ")).tokens();
      const tags = tokens.out(wink.its.pos);
      return mostFrequentClasses(tokens.out().map((word, index) => [word, tags[index] ?? ""]));
    },
    isPolar: (word) => {
      if (word.length > longestWord) return false;
      const known = polar.get(word);
      if (known !== undefined) return known;
      const isPolar = read(word).out(wink.its.sentiment) !== 0;
      polar.set(word, isPolar);
      return isPolar;
    },
  };
}

function mostFrequentClasses(
  tagged: readonly (readonly [word: string, tag: string])[],
): ReadonlyMap<string, WordClass> {
  const counts = new Map<string, Record<WordClass, number>>();
  for (const [word, tag] of tagged) {
    const key = word.toLowerCase();
    const count = counts.get(key) ?? { noun: 0, modifier: 0, other: 0 };
    count[classOf(key, tag)]++;
    counts.set(key, count);
  }
  return new Map([...counts].map(([word, count]) => [word, mostFrequent(count)]));
}

function classOf(word: string, tag: string): WordClass {
  if (tag === "NOUN" || tag === "PROPN" || tag === "X") return "noun";
  // "charging station"
  return tag === "ADJ" || (tag === "VERB" && word.endsWith("ing")) ? "modifier" : "other";
}

function mostFrequent({ noun, modifier, other }: Record<WordClass, number>): WordClass {
  if (noun >= modifier && noun >= other) return "noun";
  return modifier >= other ? "modifier" : "other";
}
