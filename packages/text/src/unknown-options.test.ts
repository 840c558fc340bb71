import { describe, expect, it } from "vitest";
import { defineTextProcessor, textProcessor } from "./agents/text-processor.ts";
import { analyzeSentiment } from "./analyze-sentiment.ts";
import { detectLanguage } from "./detect-language.ts";
import { extractKeywords } from "./extract-keywords.ts";
import { mergeKeywords, mergeSummaries } from "./merge-results.ts";
import { mergeText } from "./merge-text.ts";
import { splitSentences } from "./split-sentences.ts";
import { splitText } from "./split-text.ts";
import { summarize } from "./summarize.ts";

const text = "Bees make honey. It rained.";
const summaries = [await summarize(text)];
const keywords = [await extractKeywords(text)];
const outputs = [await textProcessor.run({ content: text, operation: "sentiment" })];

/** What callers without types could give. */
type Options = Record<never, never>;

describe.each<readonly [string, (options: Options) => unknown, string]>([
  ["summarize", (options) => summarize(text, options), "maxSentences, language, signal"],
  ["extractKeywords", (options) => extractKeywords(text, options), "maxKeywords, language, signal"],
  ["analyzeSentiment", (options) => analyzeSentiment(text, options), "language, signal"],
  ["detectLanguage", (options) => detectLanguage(text, options), "languages, minConfidence, signal"],
  ["splitSentences", (options) => splitSentences(text, options), "language, signal"],
  ["splitText", (options) => splitText(text, options), "maxCharacters"],
  ["mergeSummaries", (options) => mergeSummaries(summaries, options), "maxSentences, maxKeywords"],
  ["mergeKeywords", (options) => mergeKeywords(keywords, options), "maxSentences, maxKeywords"],
  ["mergeText", (options) => mergeText(outputs, options), "maxSentences, maxKeywords"],
  ["defineTextProcessor", (options) => defineTextProcessor(options), "name"],
])("%s", (name, call, known) => {
  const failureOf = async (options: unknown): Promise<unknown> => {
    try {
      await call(options as Options);
    } catch (error) {
      return error;
    }
    throw new Error("it was taken");
  };

  it("refuses an option that it does not know, and says which it knows", async () => {
    expect(await failureOf({ maxSentnces: 1 })).toMatchObject({
      code: "CONFIG",
      message: `${name}: there is no option "maxSentnces"; expected one of ${known}`,
      details: { path: "maxSentnces" },
    });
  });

  it("refuses what is no object", async () => {
    expect(await failureOf(null)).toMatchObject({ code: "CONFIG", details: { expected: "an object" } });
  });

  it("takes options that are undefined", async () => {
    const options = Object.fromEntries(known.split(", ").map((key) => [key, undefined]));
    expect(await call(options)).toBeTruthy();
  });
});
