import { type Agent, type AgentOutput, pipeline } from "@atomic-agents/core";
import { mergeKeywords, mergeLanguages, mergeSentiments, mergeSummaries } from "@atomic-agents/text";
import { analyze } from "./analyze.ts";
import { clean, mendedValidate, split, validate } from "./prepare.ts";
import { AddressRecord } from "./record.ts";

/** More than a reader wants of one address: a group's keywords are chosen among those of all its addresses. */
const maxKeywords = 30;

/** One State of the Union address in, one record out. */
export const sotuPipeline = pipelineFrom(validate);

/** The same with what was mended after a record had failed. */
export const mendedPipeline = pipelineFrom(mendedValidate);

function pipelineFrom<TInput>(check: Agent<TInput, AgentOutput<typeof validate>>) {
  return pipeline("state-of-the-union")
    .stage(check)
    .stage(clean)
    .stage(split)
    .stage(analyze, { timeoutMs: 30_000 })
    .map(toRecord, AddressRecord, { id: "merge" });
}

function toRecord({ facts, ...analyses }: AgentOutput<typeof analyze>): AddressRecord {
  const sentiment = mergeSentiments(analyses.sentiment);
  const keywords = mergeKeywords(analyses.keywords, { maxKeywords });
  const summary = mergeSummaries(analyses.summary);
  const language = mergeLanguages(analyses.language);
  for (const [name, { wordCount }] of Object.entries({ sentiment, keywords, summary, language })) {
    if (wordCount !== facts.wordCount) {
      throw new Error(`${name} read ${wordCount} of the ${facts.wordCount} words of ${facts.id}`);
    }
  }
  return {
    ...facts,
    chunkWordCounts: analyses.sentiment.map((chunk) => chunk.wordCount),
    sentiment: { label: sentiment.label, score: sentiment.score, confidence: sentiment.confidence },
    keywords: keywords.keywords,
    summary: summary.summary,
    language: language.language,
  };
}
