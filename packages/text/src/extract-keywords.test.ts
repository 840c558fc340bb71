import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractKeywords } from "./extract-keywords.ts";

const solar = `Solar power grows fast. Last year the valley built three solar parks near the river. A solar park needs land, and
land is dear in the valley. Still, solar power from the new parks costs less than coal.`;

describe("extractKeywords", () => {
  it("finds what a text is about, best first, without repeating itself", async () => {
    const { keywords, language, wordCount } = await extractKeywords(solar, { maxKeywords: 5 });
    expect({ language, wordCount }).toEqual({ language: "en", wordCount: 38 });
    expect(keywords).toHaveLength(5);
    expect(keywords[0]).toMatchObject({ text: "Solar power", score: 1, count: 2 });
    expect(keywords.map((keyword) => keyword.text.toLowerCase())).toContain("valley");
    const scores = keywords.map((keyword) => keyword.score);
    expect(scores).toEqual(scores.toSorted((first, second) => second - first));
    expect(keywords.filter((keyword) => /^(?:power|solar)$/i.test(keyword.text))).toEqual([]);
  });

  it("counts singular and plural together", async () => {
    const { keywords } = await extractKeywords(
      "The buses stop here. A bus stops there. Two more buses wait.",
    );
    expect(keywords[0]).toMatchObject({ text: "buses", count: 3 });
  });

  it("gives no verbs or numbers as English keywords", async () => {
    const { keywords } = await extractKeywords("The council voted on Tuesday to buy forty electric buses.", {
      maxKeywords: 100,
    });
    const texts = keywords.map((keyword) => keyword.text);
    expect(texts).toContain("electric buses");
    expect(texts.join(" ")).not.toMatch(/voted|buy|forty/);
  });

  it("is surer of keywords that come back", async () => {
    const once = await extractKeywords("The council met the mayor and a driver.");
    expect(once.confidence).toBeCloseTo(0.5, 9);
    const often = await extractKeywords("The council met. The council voted. The council left.");
    expect(often.confidence).toBeCloseTo(0.875, 9);
  });

  it("is less sure in a language whose function words it does not know", async () => {
    const finnish =
      "Kaupunki ostaa uusia busseja ensi vuonna. Uudet bussit kulkevat sähköllä koko kaupungissa.";
    const { language, confidence, keywords } = await extractKeywords(finnish);
    expect(language).toBe("fi");
    expect(keywords.length).toBeGreaterThan(0);
    expect(confidence).toBeLessThan(0.4);
  });

  it.each(["", "😀 😡", "12 345", "the and of", "\u200b"])(
    "finds none in %j and is not sure at all",
    async (text) => {
      expect(await extractKeywords(text)).toMatchObject({ keywords: [], confidence: 0 });
    },
  );

  it("treats names of object members like any other word", async () => {
    const { keywords } = await extractKeywords("Constructor and prototype. A constructor has a prototype.", {
      language: "en",
    });
    expect(keywords.map((keyword) => keyword.text.toLowerCase()).toSorted()).toEqual([
      "constructor",
      "prototype",
    ]);
  });

  it("stays within its bounds, whatever the text", async () => {
    const word = fc.constantFrom(
      "wills",
      "will",
      "this",
      "NASA",
      "Its",
      "us",
      "of",
      "buses",
      "may",
      "Mays",
      "漢字",
      "U.S",
      "3rd",
    );
    const sentence = fc.array(word, { maxLength: 8 }).map((words) => `${words.join(" ")}. `);
    const language = fc.constantFrom("en", "de", "und");
    await fc.assert(
      fc.asyncProperty(fc.array(sentence, { maxLength: 6 }), language, async (sentences, code) => {
        const { keywords, confidence } = await extractKeywords(sentences.join(""), { language: code });
        expect(keywords.filter(({ score, count }) => !(score > 0 && score <= 1 && count >= 1))).toEqual([]);
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([0, -1, Number.NaN, 101])("refuses maxKeywords %d", async (maxKeywords) => {
    await expect(extractKeywords("One.", { maxKeywords })).rejects.toMatchObject({ code: "CONFIG" });
  });
});
