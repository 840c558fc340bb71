import { describe, expect, it } from "vitest";
import { scorePhrases } from "./yake.ts";

const sentences = [
  "Solar power grows fast in the valley.",
  "The cost of solar power fell again.",
  "NASA and other users pay for solar power by the hour.",
];

describe("scorePhrases", () => {
  it("puts best first, what is frequent and early", () => {
    const phrases = scorePhrases(sentences, "en");
    const place = (text: string) => phrases.findIndex((phrase) => phrase.text === text);
    expect(phrases[place("solar power")]).toMatchObject({ count: 3, keys: ["solar", "power"] });
    expect(place("solar power")).toBeLessThan(place("valley"));
    expect(place("valley")).toBeLessThan(place("hour"));
    const scores = phrases.map((phrase) => phrase.score);
    expect(scores).toEqual(scores.toSorted((first, second) => first - second));
    expect(Math.min(...scores)).toBeGreaterThan(0);
  });

  it("begins and ends phrases with content words, and keeps function words inside", () => {
    const texts = scorePhrases(sentences, "en").map((phrase) => phrase.text);
    expect(texts).toContain("cost of solar");
    for (const text of texts) expect(text).not.toMatch(/^(?:the|of|in|by|and)\b|\b(?:the|of|in|by|and)$/i);
  });

  it("does not reach over punctuation or the end of a sentence", () => {
    const texts = scorePhrases(["Old trains, new stations. Fine", "Weather"], "en").map(
      (phrase) => phrase.text,
    );
    expect(texts).toContain("Old trains");
    expect(texts).not.toContain("trains new");
    expect(texts).not.toContain("Fine Weather");
  });

  it("does not take a content word for the function word that it looks like once folded", () => {
    const phrases = scorePhrases(["He will read the wills.", "The wills of kings will last."], "en");
    expect(phrases.find((phrase) => phrase.text === "wills")).toMatchObject({ count: 2 });
    expect(phrases.filter(({ score }) => !(score > 0 && score < 1))).toEqual([]);
  });

  it("prefers acronyms and names to equal words without capitals", () => {
    const phrases = scorePhrases(["We saw rockets and NASA and Houston there."], "en");
    const scoreOf = (text: string) => phrases.find((phrase) => phrase.text === text)?.score ?? 0;
    expect(scoreOf("NASA")).toBeLessThan(scoreOf("rockets"));
    expect(scoreOf("Houston")).toBeLessThan(scoreOf("rockets"));
  });

  it("with word classes ends phrases with nouns and leaves verbs out", () => {
    const classes = new Map([
      ["city", "noun"],
      ["bought", "other"],
      ["electric", "modifier"],
      ["buses", "noun"],
    ] as const);
    const texts = scorePhrases(["City bought electric buses"], "en", classes).map((phrase) => phrase.text);
    expect(texts.toSorted()).toEqual(["City", "buses", "electric buses"]);
  });

  it("finds words in a script without spaces, and joins them as they stand", () => {
    const texts = scorePhrases(["电动公交车即将来到这座城市。"], "zh").map((phrase) => phrase.text);
    expect(texts).toContain("城市");
    for (const text of texts) expect("电动公交车即将来到这座城市。").toContain(text);
  });

  it.each([[[]], [[""]], [["😀 !!! 1 2 3"]], [["the of and"]]])("finds nothing in %j", (texts) => {
    expect(scorePhrases(texts, "en")).toEqual([]);
  });
});
