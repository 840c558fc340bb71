import type { WinkMethods } from "wink-nlp";
import { isBlank } from "./characters.ts";
import { lazyLoad, lazyValue } from "./lazy.ts";

/** A sentence as the English model cuts it, with its polarity from −1 to 1; not trimmed of its text, not located. */
export interface EnglishSentence {
  readonly text: string;
  readonly polarity: number;
}

/** What a word mostly is in a text: something that can be a keyword, something that may come before one, or neither. */
export type WordClass = "noun" | "modifier" | "other";

/** A text as the model reads it. */
interface EnglishReading {
  readonly sentences: readonly EnglishSentence[];
  /** The class of each word, by the word in lower case; a compound's parts stand alone. */
  readonly wordClasses: () => ReadonlyMap<string, WordClass>;
}

/** What this package asks of the English model. */
export interface English {
  readonly read: (text: string) => EnglishReading;
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
  return renewing(() => createWink(model, ["sbd", "negation", "sentiment", "pos"]));
});

/** English by instances of wink-nlp that are replaced after so many characters. */
export function renewing(create: () => WinkMethods, maxCharacters = charactersPerInstance): English {
  let wink = create();
  // These are the same for all instances, use no `this`, and are recognized by identity.
  // oxlint-disable-next-line typescript/unbound-method
  const { pos, sentiment } = wink.its;
  let polar = new Map<string, boolean>();
  let charactersLeft = maxCharacters;

  const readDocument = (text: string) => {
    if (charactersLeft < 0) {
      wink = create();
      polar = new Map();
      charactersLeft = maxCharacters;
    }
    charactersLeft -= text.length;
    return wink.readDoc(text);
  };

  return {
    read: (text) => {
      if (isBlank(text)) return { sentences: [], wordClasses: () => new Map() };
      const document = readDocument(text);
      const sentences = document.sentences();
      const texts = sentences.out();
      // It gives a number for every sentence; the type of `out` cannot say so.
      const polarities = sentences.out(sentiment) as readonly number[];
      return {
        sentences: texts.map((sentence, index) => ({ text: sentence, polarity: polarities[index] ?? 0 })),
        wordClasses: lazyValue(() => {
          const tokens = document.tokens();
          const tags = tokens.out(pos);
          return mostFrequentClasses(tokens.out().map((word, index) => [word, tags[index] ?? ""]));
        }),
      };
    },
    isPolar: (word) => {
      if (word.length > longestWord) return false;
      const known = polar.get(word);
      if (known !== undefined) return known;
      const isPolar = readDocument(word).out(sentiment) !== 0;
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
