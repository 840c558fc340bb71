import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { extractKeywords } from "../extract-keywords.ts";
import { Content } from "./content.ts";
import { Language, MaxKeywords } from "./parameters.ts";
import { ExtractKeywordsOutput } from "./results.ts";

/** What `extract-keywords` takes. */
export const ExtractKeywordsInput = z.object({
  content: Content,
  maxKeywords: MaxKeywords,
  language: Language.optional(),
});

/**
 * The agent `extract-keywords`: the words and phrases that say what a text is about, best first. See the function
 * `extractKeywords` for what `score` and `confidence` mean.
 *
 * @example
 * ```ts
 * const content = "Solar power grows fast. Wind power grows too, but solar power is cheaper.";
 * const { keywords } = await extractKeywordsAgent.run({ content, maxKeywords: 1 });
 * keywords[0]?.text; // => 'Solar power'
 * ```
 */
export const extractKeywordsAgent = defineAgent({
  name: "extract-keywords",
  description: "Finds the words and phrases that say what a text is about (YAKE).",
  capabilities: ["text", "keyword-extraction", "data-enrichment"],
  input: ExtractKeywordsInput,
  output: ExtractKeywordsOutput,
  execute: ({ content, maxKeywords, language }, ctx) =>
    extractKeywords(content, { maxKeywords, language, signal: ctx.signal }),
});
