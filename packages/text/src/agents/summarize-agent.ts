import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { summarize } from "../summarize.ts";
import { Content } from "./content.ts";
import { Language, MaxSentences } from "./parameters.ts";
import { SummarizeOutput } from "./results.ts";

/** What `summarize` takes. */
export const SummarizeInput = z.object({
  content: Content,
  maxSentences: MaxSentences,
  language: Language.optional(),
});

/**
 * The agent `summarize`: the most central sentences of a text, in their order. See the function `summarize` for what
 * `confidence` means.
 *
 * @example
 * ```ts
 * const content = "Bees make honey. It rained. Honey from bees keeps for years.";
 * const { summary } = await summarizeAgent.run({ content, maxSentences: 1 });
 * summary; // => 'Bees make honey.'
 * ```
 */
export const summarizeAgent = defineAgent({
  name: "summarize",
  description: "Picks the most central sentences of a text (TextRank).",
  capabilities: ["text", "summarization", "data-transformation"],
  input: SummarizeInput,
  output: SummarizeOutput,
  execute: ({ content, maxSentences, language }, ctx) =>
    summarize(content, { maxSentences, language, signal: ctx.signal }),
});
