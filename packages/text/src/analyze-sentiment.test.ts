import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyzeSentiment } from "./analyze-sentiment.ts";

describe("analyzeSentiment", () => {
  it.each([
    ["I love this phone. The screen is wonderful!", "positive"],
    ["Terrible service. The food was awful and I hate the place.", "negative"],
    ["I do not love this phone.", "negative"],
    ["The meeting takes place on Tuesday in the second room.", "neutral"],
    ["It arrived today 😡😡", "negative"],
  ])("%j is %s", async (text, label) => {
    expect(await analyzeSentiment(text, { language: "en" })).toMatchObject({ label });
  });

  it("gives each sentence its score, and the text their mean", async () => {
    const { sentences, score } = await analyzeSentiment("I love it. I hate it. It is wonderful!", {
      language: "en",
    });
    expect(sentences.map(({ text, index }) => [text, index])).toEqual([
      ["I love it.", 0],
      ["I hate it.", 1],
      ["It is wonderful!", 2],
    ]);
    const scores = sentences.map((sentence) => sentence.score);
    expect(scores.map(Math.sign)).toEqual([1, -1, 1]);
    expect(score).toBeCloseTo(scores.reduce((sum, value) => sum + value, 0) / 3, 9);
  });

  it("is surer when sentences agree and more words are telling", async () => {
    const confidence = async (text: string) => (await analyzeSentiment(text, { language: "en" })).confidence;
    const agreeing = await confidence("I love it. It is wonderful!");
    const mixed = await confidence("I love it. It is awful. It is wonderful!");
    const thin = await confidence(
      "I went to the station, bought a ticket to the coast, sat down by the window and found the wonderful view of the fields and villages along the line.",
    );
    expect(agreeing).toBeGreaterThan(mixed);
    expect(agreeing).toBeGreaterThan(thin);
  });

  it("is at most half sure of neutral", async () => {
    const { confidence, label } = await analyzeSentiment(
      "The train leaves at nine from the fourth platform. ".repeat(20),
    );
    expect(label).toBe("neutral");
    expect(confidence).toBeLessThanOrEqual(0.5);
    expect(confidence).toBeGreaterThan(0.4);
  });

  it("says of other languages that it hardly knows", async () => {
    const { confidence, language } = await analyzeSentiment(
      "Dieses Telefon ist furchtbar, ich hasse es wirklich sehr.",
    );
    expect(language).toBe("de");
    expect(confidence).toBeLessThan(0.2);
  });

  it("stays within its bounds, whatever the text", async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "love",
        "hate",
        "not",
        "wonderful!",
        "awful.",
        "😀",
        "😡",
        "\n\n",
        " ",
        "the",
        "שלום",
        "\ud800",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const found = await analyzeSentiment(pieces.join(" "), { language: "en" });
        for (const score of [found.score, ...found.sentences.map((sentence) => sentence.score)]) {
          expect(Math.abs(score)).toBeLessThanOrEqual(1);
        }
        expect(found.confidence).toBeGreaterThanOrEqual(0);
        expect(found.confidence).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("stops when its signal is aborted", async () => {
    const reason = new Error("no longer wanted");
    await expect(analyzeSentiment("Fine.", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
