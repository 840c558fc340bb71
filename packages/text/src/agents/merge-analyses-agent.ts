import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { mergeKeywords, mergeLanguages, mergeSentiments, mergeSummaries } from "../merge-results.ts";
import { Confidence, Count } from "./parameters.ts";
import { DetectLanguageOutput, ExtractKeywordsOutput, SentimentOutput, SummarizeOutput } from "./results.ts";

/** What `merge-analyses` takes: what each agent gave for the chunks of one text, in the order of the chunks. */
export const MergeAnalysesInput = z.object({
  summary: z.array(SummarizeOutput).min(1),
  keywords: z.array(ExtractKeywordsOutput).min(1),
  sentiment: z.array(SentimentOutput).min(1),
  language: z.array(DetectLanguageOutput).min(1),
});

/** What is known of a text as a whole. */
export const TextAnalysis = z.object({
  wordCount: Count,
  sentenceCount: Count,
  summary: SummarizeOutput.pick({ summary: true, sentences: true, confidence: true }),
  keywords: ExtractKeywordsOutput.pick({ keywords: true, confidence: true }),
  sentiment: SentimentOutput.pick({ label: true, score: true, confidence: true }).extend({
    positiveSentences: Count,
    negativeSentences: Count,
  }),
  language: z.object({ language: DetectLanguageOutput.shape.language, confidence: Confidence }),
});
export type TextAnalysis = z.output<typeof TextAnalysis>;

/**
 * The agent `merge-analyses`: makes one analysis of what `summarize`, `extract-keywords`, `sentiment` and
 * `detect-language` said of the chunks of a text; see `mergeSummaries`, `mergeKeywords`, `mergeSentiments`,
 * `mergeLanguages`. Single sentences are counted, not listed, apart from the summary.
 */
export const mergeAnalysesAgent = defineAgent({
  name: "merge-analyses",
  description: "Makes one analysis of a text of what the agents on text said of its chunks.",
  capabilities: ["text", "data-aggregation"],
  input: MergeAnalysesInput,
  output: TextAnalysis,
  execute: (chunks) => {
    const { wordCount, sentenceCount, ...summary } = mergeSummaries(chunks.summary);
    const sentiment = mergeSentiments(chunks.sentiment);
    return {
      wordCount,
      sentenceCount,
      summary,
      keywords: mergeKeywords(chunks.keywords),
      sentiment: {
        ...sentiment,
        positiveSentences: sentiment.sentences.filter((sentence) => sentence.score > 0).length,
        negativeSentences: sentiment.sentences.filter((sentence) => sentence.score < 0).length,
      },
      language: mergeLanguages(chunks.language),
    };
  },
});
