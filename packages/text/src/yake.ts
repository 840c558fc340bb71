import { isContentWord } from "./content-words.ts";
import type { WordClass } from "./english.ts";
import { foldWord } from "./fold-word.ts";
import { splitWords } from "./split-words.ts";

/** A phrase of the text with its YAKE score: the lower, the more it says what the text is about. */
export interface Candidate {
  /** As it is mostly written in the text. */
  readonly text: string;
  /** Its words in the form under which they are compared. */
  readonly keys: readonly string[];
  readonly score: number;
  /** How often it stands in the text. */
  readonly count: number;
}

/** Words in a phrase, at most. */
const longestPhrase = 3;

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly key: string;
  readonly isContent: boolean;
  readonly mayBegin: boolean;
  readonly mayEnd: boolean;
  /** Nothing but spaces stands between it and the word before, in the same sentence. */
  readonly follows: boolean;
  readonly startsSentence: boolean;
}

interface TokenizedSentence {
  readonly text: string;
  readonly tokens: readonly Token[];
}

interface Term {
  readonly isContent: boolean;
  count: number;
  /** Written with a capital where no sentence begins. */
  capitals: number;
  acronyms: number;
  readonly sentences: number[];
  readonly left: Map<string, number>;
  readonly right: Map<string, number>;
}

interface Phrase {
  readonly terms: readonly string[];
  readonly forms: Map<string, number>;
  count: number;
}

/**
 * Scores the phrases of a text by YAKE (Campos, Mangaravite, Pasquali, Jorge, Nunes, Jatowt, "YAKE! Keyword extraction
 * from single documents using multiple local features", Information Sciences 509, 2020): capitals, place, frequency,
 * company and spread of each word, from this one text. Phrases have up to three words and neither begin nor end with a
 * function word; where word classes are known, they end with a noun and hold no verb. Best first; equal ones in the order
 * of the text.
 */
export function scorePhrases(
  sentences: readonly string[],
  language: string,
  classes?: ReadonlyMap<string, WordClass>,
): readonly Candidate[] {
  const tokenized = sentences.map((sentence) => tokenize(sentence, language, classes));
  const terms = termsOf(tokenized);
  const scores = scoreTerms(terms, sentences.length);
  return [...phrasesOf(tokenized).values()]
    .map((phrase) => ({
      text: mostFrequent(phrase.forms),
      keys: phrase.terms,
      score: scorePhrase(phrase, terms, scores),
      count: phrase.count,
    }))
    .toSorted((first, second) => first.score - second.score);
}

function tokenize(
  text: string,
  language: string,
  classes: ReadonlyMap<string, WordClass> | undefined,
): TokenizedSentence {
  let end = 0;
  const tokens = splitWords(text).map((word, index) => {
    const follows = index > 0 && /^\s*$/.test(text.slice(end, word.start));
    end = word.end;
    const isContent = word.text.length > 1 && isContentWord(word.text, language);
    const wordClass = classes === undefined ? "noun" : classIn(classes, word.text);
    return {
      ...word,
      // The mark keeps "wills", folded, apart from "will".
      key: isContent ? foldWord(word.text, language) : `~${word.text.toLowerCase()}`,
      isContent,
      mayBegin: isContent && wordClass !== "other",
      mayEnd: isContent && wordClass === "noun",
      follows,
      startsSentence: index === 0,
    };
  });
  return { text, tokens };
}

/** The class of a word; that of its parts for "long-term" and "user's". */
function classIn(classes: ReadonlyMap<string, WordClass>, word: string): WordClass {
  const lower = word.toLowerCase();
  const known = classes.get(lower);
  if (known !== undefined) return known;
  return lower.split(/[^\p{L}\p{M}]+/u).some((part) => classes.get(part) === "noun") ? "noun" : "modifier";
}

function termsOf(sentences: readonly TokenizedSentence[]): ReadonlyMap<string, Term> {
  const terms = new Map<string, Term>();
  const termOf = ({ key, isContent }: Token) => {
    const known = terms.get(key);
    if (known !== undefined) return known;
    const term: Term = {
      isContent,
      count: 0,
      capitals: 0,
      acronyms: 0,
      sentences: [],
      left: new Map(),
      right: new Map(),
    };
    terms.set(key, term);
    return term;
  };
  for (const [sentence, { tokens }] of sentences.entries()) {
    for (const [index, token] of tokens.entries()) {
      const term = termOf(token);
      term.count++;
      if (/^\p{Lu}{2,}$/u.test(token.text)) term.acronyms++;
      else if (/^\p{Lu}/u.test(token.text) && !token.startsSentence) term.capitals++;
      if (term.sentences.at(-1) !== sentence) term.sentences.push(sentence);
      const before = tokens[index - 1];
      if (!token.follows || before === undefined) continue;
      add(term.left, before.key);
      add(termOf(before).right, token.key);
    }
  }
  return terms;
}

/** S(t) of the paper, section 3.3. Function words are measured against the content words. */
function scoreTerms(terms: ReadonlyMap<string, Term>, sentenceCount: number): ReadonlyMap<string, number> {
  const counts = [...terms.values()].filter((term) => term.isContent).map((term) => term.count);
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / Math.max(1, counts.length);
  const highest = counts.reduce((most, count) => Math.max(most, count), 1);
  const frequencyScale = Math.max(1, mean + Math.sqrt(variance));

  const scores = new Map<string, number>();
  for (const [key, term] of terms) {
    const casing = Math.max(term.capitals, term.acronyms) / (1 + Math.log(term.count));
    const position = Math.log(Math.log(3 + median(term.sentences)));
    const frequency = term.count / frequencyScale;
    const relatedness = 1 + (variety(term.left) + variety(term.right)) * (term.count / highest);
    const spread = term.sentences.length / sentenceCount;
    scores.set(key, (relatedness * position) / (casing + frequency / relatedness + spread / relatedness));
  }
  return scores;
}

function phrasesOf(sentences: readonly TokenizedSentence[]): ReadonlyMap<string, Phrase> {
  const phrases = new Map<string, Phrase>();
  for (const { text, tokens } of sentences) {
    for (const [first, token] of tokens.entries()) {
      if (!token.mayBegin) continue;
      for (let length = 1; length <= longestPhrase; length++) {
        const last = tokens[first + length - 1];
        if (last === undefined || (length > 1 && !last.follows)) break;
        if (last.isContent && !last.mayBegin) break;
        if (!last.mayEnd) continue;
        const terms = tokens.slice(first, first + length).map((word) => word.key);
        const name = terms.join(" ");
        const phrase = phrases.get(name) ?? { terms, forms: new Map<string, number>(), count: 0 };
        phrase.count++;
        add(phrase.forms, text.slice(token.start, last.end).replace(/\s+/g, " "));
        phrases.set(name, phrase);
      }
    }
  }
  return phrases;
}

/** S(kw) of the paper, section 3.5; a function word inside counts by how likely it is between its neighbours. */
function scorePhrase(
  phrase: Phrase,
  terms: ReadonlyMap<string, Term>,
  scores: ReadonlyMap<string, number>,
): number {
  let product = 1;
  let sum = 0;
  for (const [index, key] of phrase.terms.entries()) {
    const term = terms.get(key);
    if (term === undefined) continue;
    if (term.isContent) {
      const score = scores.get(key) ?? 1;
      product *= score;
      sum += score;
      continue;
    }
    const [before, after] = [phrase.terms[index - 1] ?? "", phrase.terms[index + 1] ?? ""];
    const comes = (term.left.get(before) ?? 0) / (terms.get(before)?.count ?? 1);
    const goes = (term.right.get(after) ?? 0) / term.count;
    product *= 2 - comes * goes;
    sum -= 1 - comes * goes;
  }
  return product / (phrase.count * (1 + sum));
}

/** Different neighbours over all neighbours: near 1 for a word that stands beside anything. */
function variety(neighbours: ReadonlyMap<string, number>): number {
  let all = 0;
  for (const count of neighbours.values()) all += count;
  return all === 0 ? 0 : neighbours.size / all;
}

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function mostFrequent(forms: ReadonlyMap<string, number>): string {
  let best = "";
  let most = 0;
  for (const [form, count] of forms) {
    if (count > most) [best, most] = [form, count];
  }
  return best;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
