import { describe, expect, it } from "vitest";
import { analyzeSentiment } from "./analyze-sentiment.ts";
import { detectLanguage } from "./detect-language.ts";
import { extractKeywords } from "./extract-keywords.ts";
import { mergeKeywords, mergeLanguages, mergeSentiments, mergeSummaries } from "./merge-results.ts";
import { splitText } from "./split-text.ts";
import { summarize } from "./summarize.ts";

const text = [
  "The council bought forty electric buses. Drivers love the quiet buses. It rained on Tuesday.",
  "Old diesel buses were loud and dirty. People hated the awful smell. The depot is near the river.",
  "Now the electric buses are wonderful, said the mayor. Charging takes an hour. The fares stay the same.",
].join("\n\n");

const chunks = splitText(text, { maxCharacters: 110 });
const each = <TResult>(work: (chunk: string) => Promise<TResult>) => Promise.all(chunks.map(work));
const language = "en";

describe("merging the results of chunks", () => {
  it("has three chunks to merge", () => {
    expect(chunks).toHaveLength(3);
  });

  it("gives the sentiment of the whole text", async () => {
    const merged = mergeSentiments(await each((chunk) => analyzeSentiment(chunk, { language })));
    const whole = await analyzeSentiment(text, { language });
    expect(merged.score).toBeCloseTo(whole.score, 9);
    expect(merged).toMatchObject({
      label: whole.label,
      sentences: whole.sentences,
      wordCount: whole.wordCount,
      language,
    });
    expect(merged.confidence).toBeGreaterThan(0);
    expect(merged.confidence).toBeLessThanOrEqual(1);
  });

  it("is less sure of a sentiment that chunks contradict", async () => {
    const good = await analyzeSentiment("I love it. Wonderful!", { language });
    const bad = await analyzeSentiment("I hate it.", { language });
    expect(mergeSentiments([good, good]).confidence).toBeCloseTo(good.confidence, 9);
    expect(mergeSentiments([good, bad]).confidence).toBeLessThan(Math.min(good.confidence, bad.confidence));
  });

  it("chooses among the sentences of all summaries, and numbers them in the whole text", async () => {
    const parts = await each((chunk) => summarize(chunk, { language, maxSentences: 2 }));
    const merged = mergeSummaries(parts, { maxSentences: 2 });
    const whole = await summarize(text, { language, maxSentences: 9 });
    expect(merged.sentenceCount).toBe(9);
    expect(merged.sentences).toHaveLength(2);
    for (const sentence of merged.sentences)
      expect(whole.sentences[sentence.index]?.text).toBe(sentence.text);
    expect(merged.sentences.map((sentence) => sentence.score)).toContain(1);
    expect(merged.confidence).toBeLessThan(Math.max(...parts.map((part) => part.confidence)));
  });

  it("adds keywords up", async () => {
    const parts = await each((chunk) => extractKeywords(chunk, { language, maxKeywords: 100 }));
    const { keywords, wordCount } = mergeKeywords(parts, { maxKeywords: 5 });
    expect(keywords).toHaveLength(5);
    expect(keywords[0]?.score).toBe(1);
    expect(keywords.map((keyword) => keyword.text.toLowerCase())).toContain("electric buses");
    const [tellingOfOneChunk] = mergeKeywords(parts, { maxKeywords: 100 }).keywords.filter(
      ({ count }) => count === 1,
    );
    expect(tellingOfOneChunk?.score).toBeLessThanOrEqual(0.5);
    expect(wordCount).toBe(parts.reduce((sum, part) => sum + part.wordCount, 0));
    const countOf = (word: string, list: typeof keywords) =>
      list
        .filter((keyword) => keyword.text.toLowerCase() === word)
        .reduce((sum, keyword) => sum + keyword.count, 0);
    const all = parts.flatMap((part) => part.keywords);
    for (const { text: word, count } of keywords) expect(count).toBe(countOf(word.toLowerCase(), all));
  });

  it("takes the language of more than half of the words", async () => {
    const english = await detectLanguage(
      "The council bought forty electric buses for the valley, and drivers like them.",
    );
    const german = await detectLanguage("Der Stadtrat kaufte vierzig Busse für das ganze Tal.");
    expect(mergeLanguages([english, german])).toMatchObject({ language: "en" });
    expect(mergeLanguages([english, german]).confidence).toBeLessThan(english.confidence);
    expect(mergeLanguages([german, german]).language).toBe("de");
    expect(mergeLanguages([english, { ...german, wordCount: english.wordCount }]).language).toBe("und");
  });

  it("changes nothing about a single part", async () => {
    const summary = await summarize(text, { language });
    expect(mergeSummaries([summary]).sentences.map(({ index }) => index)).toEqual(
      summary.sentences.map(({ index }) => index),
    );
    expect(mergeSummaries([summary]).confidence).toBeCloseTo(summary.confidence, 9);
    const keywords = await extractKeywords(text, { language });
    expect(mergeKeywords([keywords]).keywords.map((keyword) => keyword.text)).toEqual(
      keywords.keywords.map((keyword) => keyword.text),
    );
    const found = await detectLanguage(text);
    expect(mergeLanguages([found]).confidence).toBeCloseTo(found.confidence, 9);
  });

  it("merges results without a single word", async () => {
    const emoji = await analyzeSentiment("😀", { language });
    expect(mergeSentiments([emoji, emoji])).toMatchObject({ label: "positive", wordCount: 0 });
  });

  it("weighs keywords of chunks without a word alike", () => {
    const part = { language, confidence: 0.5, wordCount: 0 };
    const of = (text: string, score: number) => ({ ...part, keywords: [{ text, score, count: 1 }] });
    const { keywords } = mergeKeywords([of("bus", 1), of("depot", 0.5)]);
    expect(keywords).toEqual([
      { text: "bus", score: 1, count: 1 },
      { text: "depot", score: 0.5, count: 1 },
    ]);
    expect(mergeKeywords([of("bus", 0)]).keywords).toEqual([{ text: "bus", score: 0, count: 1 }]);
  });

  it("counts no further than whole numbers are exact", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const sentences = [{ text: "A bus.", index: 1, score: 1 }];
    const part = {
      summary: "A bus.",
      sentences,
      sentenceCount: most,
      language,
      confidence: 1,
      wordCount: most,
    };
    const other = { ...part, sentences: [{ text: "A long river.", index: 1, score: 1 }] };
    const merged = mergeSummaries([part, other]);
    expect(merged).toMatchObject({ sentenceCount: most, wordCount: most });
    expect(merged.sentences.map(({ index }) => index)).toEqual([1, most]);
    const keywords = [{ text: "bus", score: 1, count: most }];
    expect(
      mergeKeywords([
        { ...part, keywords },
        { ...part, keywords },
      ]).keywords,
    ).toMatchObject([{ count: most }]);
  });

  it("refuses to merge nothing, and bad options", () => {
    for (const merge of [mergeSummaries, mergeKeywords, mergeSentiments, mergeLanguages]) {
      expect(() => merge([])).toThrow(expect.objectContaining({ code: "CONFIG" }));
    }
    expect(() => mergeSummaries([], { maxSentences: Number.NaN })).toThrow(
      /maxSentences must be a whole number/,
    );
    expect(() => mergeKeywords([], { maxKeywords: -1 })).toThrow(/maxKeywords must be a whole number/);
  });
});
