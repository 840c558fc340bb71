import {
  DetectLanguageOutput,
  ExtractKeywordsOutput,
  SentimentOutput,
  SummarizeOutput,
} from "@atomic-agents/text";
import * as z from "zod";
import { CleanFacts } from "./address.ts";

/** One line of the JSONL file: everything the agents found out about an address. */
export const AddressRecord = CleanFacts.extend({
  /** Words of each chunk the text was split into; they add up to `wordCount`. */
  chunkWordCounts: z.array(z.int().min(0)),
  /** From −1 to 1. */
  sentiment: SentimentOutput.pick({ label: true, score: true, confidence: true }),
  /** Best first. */
  keywords: ExtractKeywordsOutput.shape.keywords,
  /** Sentences of the address, word for word, in their order. */
  summary: SummarizeOutput.shape.summary,
  /** ISO 639-1 code, or `und`. */
  language: DetectLanguageOutput.shape.language,
});
export type AddressRecord = z.infer<typeof AddressRecord>;
