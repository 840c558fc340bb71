import {
  type Agent,
  describe as describeAgent,
  isAgent,
  parallel,
  pipeline,
  untyped,
} from "@atomic-agents/core";
import { expectConforms } from "@atomic-agents/testing";
import { describe, expect, it } from "vitest";
import { cleanTextAgent } from "./clean-text-agent.ts";
import { detectLanguageAgent } from "./detect-language-agent.ts";
import { extractKeywordsAgent } from "./extract-keywords-agent.ts";
import { mergeAnalysesAgent } from "./merge-analyses-agent.ts";
import { sentimentAgent } from "./sentiment-agent.ts";
import { splitTextAgent } from "./split-text-agent.ts";
import { summarizeAgent } from "./summarize-agent.ts";
import { textAgents } from "./text-agents.ts";
import { validateTextAgent } from "./validate-text-agent.ts";

const content = "The council bought forty buses. The new buses are wonderful.";

describe("textAgents", () => {
  it("are agents with names of their own, capabilities and JSON Schemas", () => {
    expect(textAgents.every((agent) => isAgent(agent))).toBe(true);
    expect(new Set(textAgents.map((agent) => agent.name)).size).toBe(textAgents.length);
    for (const agent of textAgents) expect(describeAgent(agent)).toMatchObject({ input: {}, output: {} });
  });

  it.each<[string, Agent<never, unknown>, unknown, unknown]>([
    ["summarize", summarizeAgent, { content, maxSentences: 1 }, { sentences: { length: 1 }, language: "en" }],
    ["extract-keywords", extractKeywordsAgent, { content, maxKeywords: 1 }, { keywords: { length: 1 } }],
    ["sentiment", sentimentAgent, { content }, { label: "positive" }],
    ["detect-language", detectLanguageAgent, { content, languages: ["de", "en"] }, { language: "en" }],
    ["validate-text", validateTextAgent, { content }, { content, characterCount: 60, wordCount: 10 }],
    ["clean-text", cleanTextAgent, { content: ` a\ud800  b\u200b` }, { content: "a\ufffd b" }],
    [
      "split-text",
      splitTextAgent,
      { content, maxCharacters: 40 },
      [{ content: content.slice(0, 32) }, { content: content.slice(32) }],
    ],
  ])("%s does its work and conforms", async (name, agent, input, output) => {
    expect(agent.name).toBe(name);
    expect(await untyped(agent).run(input)).toMatchObject(output as object);
    await expectConforms(untyped(agent), { valid: [input], invalid: [{ content: "\u200b" }, {}, null] });
  });

  it("take input with keys of others, so that they can stand after any stage and beside each other", async () => {
    const both = parallel({ summary: summarizeAgent, keywords: extractKeywordsAgent });
    const chain = pipeline("p").stage(validateTextAgent).stage(sentimentAgent);
    const { summary, keywords } = await both.run({ content, maxSentences: 1, maxKeywords: 2 });
    expect(summary.sentences).toHaveLength(1);
    expect(keywords.keywords).toHaveLength(2);
    expect(await chain.run({ content })).toMatchObject({ label: "positive" });
  });

  it("merge-analyses merges whatever its schema takes", async () => {
    const results = await expectConforms(untyped(mergeAnalysesAgent), { runs: 300 });
    expect(results).toContainEqual(expect.objectContaining({ id: "takes-generated", status: "passed" }));
  });

  it("merge-analyses wants at least one result of each", async () => {
    const result = await untyped(mergeAnalysesAgent).tryRun({
      summary: [],
      keywords: [],
      sentiment: [],
      language: [],
    });
    expect(result).toMatchObject({ ok: false, error: { code: "VALIDATION_INPUT" } });
  });
});
