import { AtomicError, describe as describeAgent } from "@atomic-agents/core";
import { createVirtualClock, expectConforms } from "@atomic-agents/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { splitText } from "../split-text.ts";
import { mergeText } from "../merge-text.ts";
import { defineTextProcessor, textProcessor, type TextProcessorInput } from "./text-processor.ts";

const content = "I love the new buses. The old buses were awful. The new buses are quiet and wonderful!";
const operations = ["summarize", "extract_keywords", "sentiment", "language"] as const;

describe("text-processor", () => {
  it("summarizes", async () => {
    const { result, confidence, wordCount } = await textProcessor.run({
      content,
      operation: "summarize",
      options: { maxSentences: 1 },
    });
    if (result.operation !== "summarize") throw new Error(`got ${result.operation}`);
    expectTypeOf(result.summary).toBeString();
    expect(result.sentences).toHaveLength(1);
    expect(content).toContain(result.summary);
    expect(confidence).toBeGreaterThan(0);
    expect(wordCount).toBe(17);
  });

  it("extracts keywords", async () => {
    const { result } = await textProcessor.run({
      content,
      operation: "extract_keywords",
      options: { maxKeywords: 1 },
    });
    expect(result).toEqual({
      operation: "extract_keywords",
      keywords: [{ text: "new buses", score: 1, count: 2 }],
      language: "en",
    });
  });

  it("tells the sentiment", async () => {
    const { result, confidence } = await textProcessor.run({ content, operation: "sentiment" });
    expect(result).toMatchObject({
      operation: "sentiment",
      label: "positive",
      sentences: { length: 3 },
      language: "en",
    });
    expect(confidence).toBeGreaterThan(0.3);
  });

  it("tells the language", async () => {
    const { result } = await textProcessor.run({ content, operation: "language" });
    expect(result).toMatchObject({ operation: "language", language: "en" });
  });

  it("takes the options of all operations, whichever it does", async () => {
    const options = { maxSentences: 1, maxKeywords: 1, language: "en" };
    for (const operation of operations) {
      const { result } = await textProcessor.run({ content, operation, options });
      expect(result).toMatchObject({ operation, language: "en" });
    }
  });

  it("takes three sentences and ten keywords unless asked for others", async () => {
    const long = Array.from({ length: 15 }, (_, index) => `Station${index} has a Depot${index}.`).join(" ");
    const summary = await textProcessor.run({ content: long, operation: "summarize" });
    const keywords = await textProcessor.run({ content: long, operation: "extract_keywords" });
    expect(summary.result).toMatchObject({ sentences: { length: 3 } });
    expect(keywords.result).toMatchObject({ keywords: { length: 10 } });
  });

  it("counts executions per agent object, refused inputs left out, and names itself", async () => {
    const [first, second] = [defineTextProcessor(), defineTextProcessor({ name: "second-processor" })];
    const run = (agent: typeof first) => agent.run({ content, operation: "language" });
    await first.tryRun({ content: " ", operation: "language" });
    const outputs = await Promise.all([run(first), run(first), run(second)]);
    expect(outputs.map(({ metadata }) => metadata)).toEqual([
      { agentId: first.id, operation: "language", executionCount: 1 },
      { agentId: first.id, operation: "language", executionCount: 2 },
      { agentId: second.id, operation: "language", executionCount: 1 },
    ]);
    expect(second.name).toBe("second-processor");
  });

  it("measures its time on the clock of its run", async () => {
    const clock = createVirtualClock({ startMs: 5 });
    const { processingTimeMs } = await textProcessor.run({ content, operation: "language" }, { clock });
    expect(processingTimeMs).toBe(0);
  });

  it("gives the same again for the same text", async () => {
    for (const operation of operations) {
      const [first, second] = [
        await textProcessor.run({ content, operation }),
        await textProcessor.run({ content, operation }),
      ];
      expect(second.result).toEqual(first.result);
      expect(second.confidence).toBe(first.confidence);
    }
  });

  describe.each(operations)("%s", (operation) => {
    it.each([
      ["right-to-left text", "שלום עולם. זה טוב מאוד."],
      ["astral characters", "𝒜𝓈𝓉𝓇𝒶𝓁 😀 𐐀𐐁. 👩‍👩‍👧‍👦!"],
      ["10,000 astral characters", "😀".repeat(10_000)],
      ["zero-width characters among others", "\u200bzero\u200b\u200dwidth\ufeff"],
      ["text without words", "*** !!! ???"],
      ["names of object members", "__proto__ constructor hasOwnProperty. toString!"],
      ["one endless word", "x".repeat(10_000)],
      ["ten thousand sentences", "a. ".repeat(3_333)],
    ])("takes %s", async (_, text) => {
      const { confidence, result } = await textProcessor.run({ content: text, operation });
      expect(result.operation).toBe(operation);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    });
  });

  it.each<[string, unknown, string, RegExp]>([
    ["blank text", { content: " \n", operation: "sentiment" }, "content", /must show something/],
    ["empty text", { content: "", operation: "sentiment" }, "content", /must show something/],
    [
      "zero-width text",
      { content: "\u200b\u2060\ufeff", operation: "sentiment" },
      "content",
      /must show something/,
    ],
    [
      "10,001 characters",
      { content: "x".repeat(10_001), operation: "sentiment" },
      "content",
      /has 10001.*splitText/,
    ],
    [
      "half a surrogate pair",
      { content: "ab\ud83d", operation: "sentiment" },
      "content",
      /surrogate pair at place 2/,
    ],
    ["no text", { operation: "sentiment" }, "content", /string/],
    [
      "an unknown operation",
      { content, operation: "translate" },
      "operation",
      /summarize.*extract_keywords.*sentiment.*language/,
    ],
    ["no operation", { content }, "operation", /summarize.*extract_keywords.*sentiment.*language/],
    [
      "a negative option",
      { content, operation: "summarize", options: { maxSentences: -1 } },
      "options.maxSentences",
      />=1/,
    ],
    [
      "no sentences",
      { content, operation: "summarize", options: { maxSentences: 0 } },
      "options.maxSentences",
      />=1/,
    ],
    [
      "NaN",
      { content, operation: "summarize", options: { maxSentences: Number.NaN } },
      "options.maxSentences",
      /NaN/,
    ],
    [
      "a huge option",
      { content, operation: "summarize", options: { maxKeywords: 1e308 } },
      "options.maxKeywords",
      /./,
    ],
    [
      "a fraction",
      { content, operation: "summarize", options: { maxKeywords: 2.5 } },
      "options.maxKeywords",
      /int/,
    ],
    [
      "a misspelt option",
      { content, operation: "summarize", options: { maxSentence: 2 } },
      "options",
      /^has no key "maxSentence"; its keys are maxSentences, maxKeywords, language /,
    ],
    [
      "an option beside the options",
      { content, operation: "summarize", maxSentences: 2 },
      "",
      /^has no key "maxSentences": it belongs in options; its keys are content, operation, options /,
    ],
    [
      "misspelt options",
      { content, operation: "summarize", option: { maxSentences: 2 }, lang: "en" },
      "",
      /^has no key "option", has no key "lang"; its keys are content, operation, options /,
    ],
    ["options that are no object", { content, operation: "summarize", options: 5 }, "options", /object/],
    [
      "a bad language",
      { content, operation: "summarize", options: { language: "English" } },
      "options.language",
      /ISO 639-1/,
    ],
  ])("refuses %s", async (_, input, path, message) => {
    // What a caller without types could send.
    const result = await textProcessor.tryRun(input as TextProcessorInput);
    if (result.ok) throw new Error("it was taken");
    if (!AtomicError.isInstance(result.error, "VALIDATION_INPUT")) throw result.error;
    expect(result.error.agent).toBe("text-processor");
    const issue = result.error.details.issues.find((candidate) => candidate.path === path);
    expect(`${issue?.message} ${issue?.expected}`).toMatch(message);
    expect(issue?.got).toBeTruthy();
  });

  it("says in JSON Schema what it takes and gives", () => {
    const { input, output } = describeAgent(textProcessor);
    expect(input).toMatchObject({
      required: ["content", "operation"],
      properties: { operation: { enum: [...operations] }, options: { additionalProperties: false } },
    });
    expect(output).toMatchObject({ properties: { result: { oneOf: { length: 4 } } } });
  });

  it("is cancelled when its signal aborts", async () => {
    const result = await textProcessor.tryRun(
      { content, operation: "sentiment" },
      { signal: AbortSignal.abort() },
    );
    expect(result).toMatchObject({ ok: false, error: { code: "CANCELLED" } });
  });

  it("behaves as every agent does", async () => {
    const results = await expectConforms(textProcessor, {
      valid: operations.map((operation) => ({ content, operation })),
      invalid: [{ content: " ", operation: "sentiment" }, { content }, null, "text"],
    });
    expect(results.filter(({ status }) => status === "passed").length).toBeGreaterThan(10);
  });
});

describe("mergeText", () => {
  const long = `${"The new buses are wonderful. ".repeat(300)}\n\n${"People hated the awful old trams. ".repeat(200)}`;

  it.each([
    ["summarize", { sentenceCount: 500, sentences: { length: 2 } }],
    ["extract_keywords", { keywords: { length: 2 } }],
    ["sentiment", { sentences: { length: 500 } }],
    ["language", { language: "en" }],
  ] as const)("takes a long text through chunks: %s", async (operation, result) => {
    const chunks = splitText(long);
    expect(chunks).toHaveLength(2);
    const outputs = [];
    for (const chunk of chunks) outputs.push(await textProcessor.run({ content: chunk, operation }));
    const merged = mergeText(outputs, { maxSentences: 2, maxKeywords: 2 });
    expect(merged.result).toMatchObject({ operation, ...result });
    expect(merged.wordCount).toBe(300 * 5 + 200 * 6);
    expect(merged.metadata).toEqual({
      ...outputs[0]?.metadata,
      executionCount: outputs[1]?.metadata.executionCount,
    });
    expect(merged.processingTimeMs).toBeGreaterThanOrEqual(outputs[0]?.processingTimeMs ?? 0);
  });

  it("refuses nothing, and outputs of unlike operations", async () => {
    const sentiment = await textProcessor.run({ content, operation: "sentiment" });
    const language = await textProcessor.run({ content, operation: "language" });
    expect(() => mergeText([])).toThrow(/at least one output/);
    expect(() => mergeText([sentiment, language])).toThrow(
      'mergeText: outputs[1].result.operation must be "sentiment", as in the first output, got "language"',
    );
  });
});
