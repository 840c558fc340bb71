import { foldWord } from "./fold-word.ts";
import { splitWords } from "./split-words.ts";
import { stopWordLanguages, stopWordsOf } from "./stop-words.ts";

/** Below this length a word of a language whose function words are unknown is taken for one, where words have spaces. */
const shortestUnknown = 4;

const spaced = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** Says whether a word carries meaning of its own: not a function word, not a bare number, not a single letter. */
export function isContentWord(word: string, language: string): boolean {
  const lower = word.toLowerCase().replaceAll("’", "'");
  // Most words of a text are function words, and the cheapest to tell.
  if (stopWordsOf(language).has(lower)) return false;
  if (!/\p{L}/u.test(lower) || /^\p{N}/u.test(lower)) return false;
  if (stopWordLanguages.includes(language)) return lower.length > 1;
  return spaced.test(lower) ? lower.length >= shortestUnknown : true;
}

/** The content words of a text in order, in the form under which they are compared. */
export function contentWords(text: string, language: string): readonly string[] {
  return splitWords(text)
    .filter((word) => isContentWord(word.text, language))
    .map((word) => foldWord(word.text, language));
}
