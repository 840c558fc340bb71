import { mapItems, parallel, pipeline } from "@atomic-agents/core";
import { cleanTextAgent } from "./clean-text-agent.ts";
import { detectLanguageAgent } from "./detect-language-agent.ts";
import { extractKeywordsAgent } from "./extract-keywords-agent.ts";
import { mergeAnalysesAgent } from "./merge-analyses-agent.ts";
import { sentimentAgent } from "./sentiment-agent.ts";
import { splitTextAgent } from "./split-text-agent.ts";
import { summarizeAgent } from "./summarize-agent.ts";

/**
 * The agent `analyze-text`: summary, keywords, sentiment and language of a text of any length. A pipeline: clean, split,
 * then the four agents in parallel over the chunks, merge.
 *
 * @example
 * ```ts
 * const { wordCount, sentiment, language } = await analyzeTextAgent.run({ content: "I love the sea. ".repeat(2_000) });
 * wordCount; // => 8000
 * sentiment.label; // => 'positive'
 * language.language; // => 'en'
 * ```
 */
export const analyzeTextAgent = pipeline("analyze-text", {
  description: "Summary, keywords, sentiment and language of a text of any length.",
  capabilities: [
    "text",
    "summarization",
    "keyword-extraction",
    "sentiment-analysis",
    "language-detection",
    "data-enrichment",
  ],
})
  .stage(cleanTextAgent)
  .stage(splitTextAgent)
  .stage(
    "analyze",
    parallel({
      summary: mapItems(summarizeAgent),
      keywords: mapItems(extractKeywordsAgent),
      sentiment: mapItems(sentimentAgent),
      language: mapItems(detectLanguageAgent),
    }),
  )
  .stage(mergeAnalysesAgent);
