import * as z from "zod";
import { defaultMaxKeywords, mostKeywords } from "../extract-keywords.ts";
import { defaultMaxSentences, mostSentences } from "../summarize.ts";

export const MaxSentences = z
  .int()
  .min(1)
  .max(mostSentences)
  .default(defaultMaxSentences)
  .meta({ description: "The most sentences in a summary." });

export const MaxKeywords = z
  .int()
  .min(1)
  .max(mostKeywords)
  .default(defaultMaxKeywords)
  .meta({ description: "The most keywords." });

export const Language = z
  .string()
  .regex(/^[a-z]{2,3}$/, { error: "expected an ISO 639-1 code such as en" })
  .meta({ description: "ISO 639-1 code of the text's language, or und." });

export const Confidence = z.number().min(0).max(1);
export const Count = z.int().min(0);
