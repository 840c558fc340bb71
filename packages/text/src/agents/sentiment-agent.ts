import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { analyzeSentiment } from "../analyze-sentiment.ts";
import { Content } from "./content.ts";
import { Language } from "./parameters.ts";
import { SentimentOutput } from "./results.ts";

/** What `sentiment` takes. */
export const SentimentInput = z.object({ content: Content, language: Language.optional() });

/**
 * The agent `sentiment`: how positive or negative an English text is, as a whole and sentence by sentence. See the
 * function `analyzeSentiment` for what `confidence` means.
 *
 * @example
 * ```ts
 * const { label } = await sentimentAgent.run({ content: "I love this phone. The screen is wonderful!" });
 * label; // => 'positive'
 * ```
 */
export const sentimentAgent = defineAgent({
  name: "sentiment",
  description: "Says how positive or negative an English text is, as a whole and sentence by sentence.",
  capabilities: ["text", "sentiment-analysis", "data-enrichment"],
  input: SentimentInput,
  output: SentimentOutput,
  execute: ({ content, language }, ctx) => analyzeSentiment(content, { language, signal: ctx.signal }),
});
