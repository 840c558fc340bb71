import { AtomicError } from "@atomic-agents/core";
import type { TextResult } from "./agents/results.ts";
import type { TextProcessorOutput } from "./agents/text-processor.ts";
import { checkKeys } from "./check-options.ts";
import {
  type MergeOptions,
  mergeKeywords,
  mergeLanguages,
  mergeSentiments,
  mergeSummaries,
} from "./merge-results.ts";

/**
 * Makes one output of the outputs of `text-processor` for consecutive chunks of one text, all of the same operation, in
 * the order of the chunks: see `mergeSummaries`, `mergeKeywords`, `mergeSentiments` and `mergeLanguages`. Processing times
 * are added up.
 *
 * @throws AtomicError `CONFIG` for no outputs, unlike operations, or a bad option.
 *
 * @example
 * ```ts
 * const long = "I love the sea. ".repeat(2_000);
 * const outputs = [];
 * for (const content of splitText(long)) outputs.push(await textProcessor.run({ content, operation: "sentiment" }));
 * const { wordCount, metadata } = mergeText(outputs);
 * outputs.length; // => 4
 * wordCount; // => 8000
 * metadata.operation; // => 'sentiment'
 * ```
 */
export function mergeText(
  outputs: readonly TextProcessorOutput[],
  options: MergeOptions = {},
): TextProcessorOutput {
  checkKeys("mergeText", options, ["maxSentences", "maxKeywords"]);
  const [first] = outputs;
  if (first === undefined) throw wrong("outputs", "at least one output of text-processor", "an empty array");
  const { operation } = first.result;
  const other = outputs.findIndex((output) => output.result.operation !== operation);
  if (other >= 0) {
    const got = JSON.stringify(outputs[other]?.result.operation);
    throw wrong(`outputs[${other}].result.operation`, `"${operation}", as in the first output`, got);
  }
  const { confidence, wordCount, ...result } = mergeResults(outputs, options);
  return {
    result,
    confidence,
    processingTimeMs: outputs.reduce((sum, output) => sum + output.processingTimeMs, 0),
    wordCount,
    metadata: {
      agentId: first.metadata.agentId,
      operation,
      executionCount: Math.max(...outputs.map((output) => output.metadata.executionCount)),
    },
  };
}

function mergeResults(outputs: readonly TextProcessorOutput[], options: MergeOptions): Merged {
  const parts = outputs.map(({ result, confidence, wordCount }) => ({ ...result, confidence, wordCount }));
  const operation = parts[0]?.operation ?? "summarize";
  switch (operation) {
    case "summarize":
      return {
        operation,
        ...mergeSummaries(
          parts.filter((part) => part.operation === operation),
          options,
        ),
      };
    case "extract_keywords":
      return {
        operation,
        ...mergeKeywords(
          parts.filter((part) => part.operation === operation),
          options,
        ),
      };
    case "sentiment":
      return { operation, ...mergeSentiments(parts.filter((part) => part.operation === operation)) };
    case "language":
      return { operation, ...mergeLanguages(parts.filter((part) => part.operation === operation)) };
  }
}

type Merged = TextResult & Pick<TextProcessorOutput, "confidence" | "wordCount">;

function wrong(path: string, expected: string, got: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `mergeText: ${path} must be ${expected}, got ${got}`, {
    details: { path, expected, got },
    hint: "Merge the outputs of one operation for the chunks of one text.",
  });
}
