import * as z from "zod";
import { Confidence, Count, Language } from "./parameters.ts";

const Sentence = z.object({ text: z.string(), index: Count, score: z.number().min(-1).max(1) });

const summary = {
  summary: z.string(),
  sentences: z.array(Sentence),
  sentenceCount: Count,
  language: Language,
};

const keywords = {
  keywords: z.array(z.object({ text: z.string(), score: z.number().min(0).max(1), count: z.int().min(1) })),
  language: Language,
};

const sentiment = {
  label: z.enum(["positive", "neutral", "negative"]),
  score: z.number().min(-1).max(1),
  sentences: z.array(Sentence),
  language: Language,
};

const language = {
  language: Language,
  candidates: z.array(z.object({ language: Language, score: z.number().min(0).max(1) })),
};

const measured = { confidence: Confidence, wordCount: Count };

/** What `summarize` gives. */
export const SummarizeOutput = z.object({ ...summary, ...measured });
/** What `extract-keywords` gives. */
export const ExtractKeywordsOutput = z.object({ ...keywords, ...measured });
/** What `sentiment` gives. */
export const SentimentOutput = z.object({ ...sentiment, ...measured });
/** What `detect-language` gives. */
export const DetectLanguageOutput = z.object({ ...language, ...measured });

/** The result of `text-processor`; `operation` tells which. */
export const TextResult = z.discriminatedUnion("operation", [
  z.object({ operation: z.literal("summarize"), ...summary }),
  z.object({ operation: z.literal("extract_keywords"), ...keywords }),
  z.object({ operation: z.literal("sentiment"), ...sentiment }),
  z.object({ operation: z.literal("language"), ...language }),
]);
export type TextResult = z.output<typeof TextResult>;
