import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseSentences, textRank } from "./text-rank.ts";

const word = fc.constantFrom("bus", "city", "driver", "fare", "road", "winter", "mayor");
const sentences = fc.array(fc.array(word, { maxLength: 6 }), { maxLength: 12 });

describe("textRank", () => {
  it("gives two sentences that vote for each other the same score, and one without votes 0.15", () => {
    const [first, second, third] = textRank([["bus", "city"], ["bus", "road"], ["winter"]]);
    expect(first).toBeCloseTo(1, 4);
    expect(second).toBeCloseTo(first ?? 0, 9);
    expect(third).toBeCloseTo(0.15, 9);
  });

  it("ranks the sentence in the middle of a star highest, as computed by hand", () => {
    const [middle = 0, ...rays] = textRank([
      ["a", "b"],
      ["a", "x"],
      ["b", "y"],
    ]);
    // middle = 0.15 + 0.85 · 2 · ray, ray = 0.15 + 0.85 / 2 · middle
    expect(middle).toBeCloseTo((0.15 + 0.85 * 2 * 0.15) / (1 - 0.85 * 0.85), 4);
    for (const ray of rays) expect(ray).toBeCloseTo(0.15 + 0.425 * middle, 4);
  });

  it("keeps the mean at 1 where every sentence shares a word with another", () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 5 }), { minLength: 2, maxLength: 10 }), (texts) => {
        const scores = textRank(texts.map((words) => [...words, "shared"]));
        expect(scores.reduce((sum, score) => sum + score, 0) / texts.length).toBeCloseTo(1, 4);
      }),
    );
  });
});

describe("chooseSentences", () => {
  it("gives as many as asked for, in order, with 1 for the best", () => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 15 }), (texts, count) => {
        const chosen = chooseSentences(texts, count);
        const different = new Set(texts.map((words, index) => words.join(" ") || index));
        expect(chosen).toHaveLength(Math.min(count, different.size));
        const indexes = chosen.map(({ index }) => index);
        expect(indexes).toEqual(indexes.toSorted((first, second) => first - second));
        expect(new Set(indexes).size).toBe(indexes.length);
        const scores = chosen.map(({ score }) => score);
        expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
        expect(scores.includes(1)).toBe(texts.length > 0);
      }),
    );
  });

  it("with more sentences chooses the same ones and others", () => {
    fc.assert(
      fc.property(sentences, fc.integer({ min: 1, max: 10 }), (texts, count) => {
        const more = chooseSentences(texts, count + 1).map(({ index }) => index);
        for (const { index } of chooseSentences(texts, count)) expect(more).toContain(index);
      }),
    );
  });

  it("takes only the first of sentences that say the same, and all of those that say nothing", () => {
    expect(chooseSentences([["a"], ["b"], ["a"], ["a"]], 3).map(({ index }) => index)).toEqual([0, 1]);
    expect(chooseSentences([[], [], []], 2).map(({ index }) => index)).toEqual([0, 1]);
  });

  it("ranks thousands of sentences in blocks, and still finds the one that all refer to", () => {
    const texts = Array.from({ length: 5_000 }, (_, index) => [`filler${index}`, `topic${index % 4}`]);
    texts[3_210] = ["topic0", "topic1", "topic2", "topic3"];
    expect(chooseSentences(texts, 1)).toEqual([{ index: 3_210, score: 1 }]);
  });
});
