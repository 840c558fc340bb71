import { describe, expect, it } from "vitest";
import { splitSentences } from "./split-sentences.ts";
import { summarize } from "./summarize.ts";

const buses = `Electric buses are coming to the valley. The city council voted on Tuesday to buy forty electric buses over the
next three years. It rained. The buses will replace diesel vehicles that have been on the road since 2009. Dr. Hall, who led
the study, said the new buses would cut the fuel bill of the city by half. Drivers of the buses welcomed the decision.`;

describe("summarize", () => {
  it("picks central sentences word for word, in their order", async () => {
    const { summary, sentences, sentenceCount, language, wordCount } = await summarize(buses, {
      maxSentences: 2,
    });
    const all = (await splitSentences(buses)).map((sentence) => sentence.text);
    expect(sentences).toHaveLength(2);
    for (const { text, index } of sentences) expect(all[index]).toBe(text);
    expect(sentences[0]?.index).toBeLessThan(sentences[1]?.index ?? 0);
    expect(summary).not.toContain("rained");
    expect(summary).toBe(sentences.map(({ text }) => text.replaceAll("\n", " ")).join(" "));
    expect({ sentenceCount, language, wordCount }).toEqual({
      sentenceCount: 6,
      language: "en",
      wordCount: 66,
    });
  });

  it("is sure of a summary that is the whole text, less the more it leaves out", async () => {
    const whole = await summarize(buses, { maxSentences: 6 });
    const half = await summarize(buses, { maxSentences: 3 });
    const one = await summarize(buses, { maxSentences: 1 });
    expect(whole.confidence).toBe(1);
    expect(whole.sentences.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(half.confidence).toBeLessThan(1);
    expect(one.confidence).toBeLessThan(half.confidence);
    expect(one.confidence).toBeGreaterThan(0);
  });

  it("has three sentences unless asked for others", async () => {
    expect((await summarize(buses)).sentences).toHaveLength(3);
  });

  it("works in other languages, and says that it knows less of some", async () => {
    const german = "Die Stadt kauft neue Busse. Es regnete. Die neuen Busse der Stadt fahren mit Strom.";
    expect(await summarize(german, { maxSentences: 3 })).toMatchObject({ language: "de", confidence: 1 });
    const finnish =
      "Kaupunki ostaa uusia busseja ensi vuonna. Uudet bussit kulkevat sähköllä koko kaupungissa.";
    const found = await summarize(finnish);
    expect(found.language).toBe("fi");
    expect(found.confidence).toBeGreaterThan(0.69);
    expect(found.confidence).toBeLessThan(0.75);
  });

  it("joins sentences without spaces where the script has none", async () => {
    const { summary, sentenceCount } = await summarize("电动公交车来到这座城市。司机们欢迎电动公交车。", {
      language: "zh",
    });
    expect(sentenceCount).toBe(2);
    expect(summary).toBe("电动公交车来到这座城市。司机们欢迎电动公交车。");
  });

  it("gives a text without sentence ends back whole", async () => {
    const text = "no stops here ".repeat(500).trim();
    expect((await summarize(text)).summary).toBe(text);
  });

  it.each([" ", "😀 😡", "...", "שלום עולם", "\u202bשלום\u202c", "x", "__proto__"])(
    "takes %j",
    async (text) => {
      const { confidence, summary } = await summarize(text);
      expect(summary).toBe(text.trim());
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    },
  );

  it.each([0, -3, 1.5, Number.NaN, 101, Number.MAX_VALUE])(
    "refuses maxSentences %d",
    async (maxSentences) => {
      await expect(summarize("One. Two.", { maxSentences })).rejects.toMatchObject({
        code: "CONFIG",
        details: {
          path: "maxSentences",
          expected: "a whole number from 1 to 100",
          got: String(maxSentences),
        },
      });
    },
  );
});
