import { type Agent, defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { analyzeSentiment } from "../analyze-sentiment.ts";
import { checkKeys } from "../check-options.ts";
import { detectLanguage } from "../detect-language.ts";
import { extractKeywords } from "../extract-keywords.ts";
import { summarize } from "../summarize.ts";
import { Content } from "./content.ts";
import { Confidence, Count, Language, MaxKeywords, MaxSentences } from "./parameters.ts";
import { TextResult } from "./results.ts";
import { unknownKeys } from "./unknown-keys.ts";

/** What can be done to a text. */
export const TextOperation = z.enum(["summarize", "extract_keywords", "sentiment", "language"]);
export type TextOperation = z.output<typeof TextOperation>;

const optionSchemas = { maxSentences: MaxSentences, maxKeywords: MaxKeywords, language: Language.optional() };
const optionNames = Object.keys(optionSchemas);

/** Options of the operations; one that the operation has no use for changes nothing. An unknown one is refused. */
export const TextOptions = z.strictObject(optionSchemas, { error: unknownKeys(optionNames) });

/** What `text-processor` takes. A key that it does not know is refused: an option beside `options` would do nothing. */
export const TextProcessorInput = z.strictObject(
  { content: Content, operation: TextOperation, options: TextOptions.prefault({}) },
  { error: unknownKeys(["content", "operation", "options"], { options: optionNames }) },
);
export type TextProcessorInput = z.input<typeof TextProcessorInput>;

/** What `text-processor` gives. */
export const TextProcessorOutput = z.object({
  result: TextResult,
  confidence: Confidence,
  processingTimeMs: z.number().min(0),
  wordCount: Count,
  metadata: z.object({
    agentId: z.string(),
    operation: TextOperation,
    executionCount: z
      .int()
      .min(1)
      .meta({ description: "How often this agent object has executed, this time included." }),
  }),
});
export type TextProcessorOutput = z.output<typeof TextProcessorOutput>;

/** What makes one text processor differ from another. */
export interface TextProcessorDefinition {
  /** `text-processor` when absent. */
  readonly name?: string | undefined;
}

/**
 * Makes a text processor with a count of executions of its own. `textProcessor` is one, ready-made.
 *
 * @throws AtomicError `CONFIG` for a bad name, or a key that it does not know.
 */
export function defineTextProcessor(
  definition: TextProcessorDefinition = {},
): Agent<TextProcessorInput, TextProcessorOutput> {
  checkKeys("defineTextProcessor", definition, ["name"]);
  let executions = 0;
  const agent: Agent<TextProcessorInput, TextProcessorOutput> = defineAgent({
    name: definition.name ?? "text-processor",
    description:
      "Summarizes a text, extracts its keywords, or tells its sentiment or language, as `operation` says.",
    capabilities: [
      "text",
      "summarization",
      "keyword-extraction",
      "sentiment-analysis",
      "language-detection",
      "data-enrichment",
    ],
    input: TextProcessorInput,
    output: TextProcessorOutput,
    execute: async ({ content, operation, options }, ctx) => {
      const executionCount = ++executions;
      const startedAt = ctx.clock.now();
      const { confidence, wordCount, ...result } = await operations[operation](content, {
        ...options,
        signal: ctx.signal,
      });
      return {
        result,
        confidence,
        processingTimeMs: ctx.clock.now() - startedAt,
        wordCount,
        metadata: { agentId: agent.id, operation, executionCount },
      };
    },
  });
  return agent;
}

type Operation = (
  content: string,
  options: z.output<typeof TextOptions> & { readonly signal: AbortSignal },
) => Promise<TextResult & Pick<TextProcessorOutput, "confidence" | "wordCount">>;

const operations: Readonly<Record<TextOperation, Operation>> = {
  summarize: async (content, { maxSentences, language, signal }) => ({
    operation: "summarize",
    ...(await summarize(content, { maxSentences, language, signal })),
  }),
  extract_keywords: async (content, { maxKeywords, language, signal }) => ({
    operation: "extract_keywords",
    ...(await extractKeywords(content, { maxKeywords, language, signal })),
  }),
  sentiment: async (content, { language, signal }) => ({
    operation: "sentiment",
    ...(await analyzeSentiment(content, { language, signal })),
  }),
  language: async (content, { signal }) => ({
    operation: "language",
    ...(await detectLanguage(content, { signal })),
  }),
};

/**
 * The agent `text-processor`: one door to all operations on text. `result.operation` tells what `result` holds.
 *
 * `content` has 1 to 10,000 characters (code points), not counting white space and invisible characters at its ends; half
 * surrogate pairs are refused. Longer texts go through `splitText` and `mergeText`.
 *
 * @example
 * ```ts
 * const { result } = await textProcessor.run({ content: "I love it. The screen is wonderful!", operation: "sentiment" });
 * if (result.operation === "sentiment") console.log(result.label, result.score); // => positive 0.685
 * ```
 */
export const textProcessor: Agent<TextProcessorInput, TextProcessorOutput> = defineTextProcessor();
