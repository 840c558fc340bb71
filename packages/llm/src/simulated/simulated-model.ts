import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { JsonSchema } from "@atomic-agents/contracts";
import { estimateTokens } from "../tokens/estimate-tokens.ts";
import { answerOf } from "./answer-of.ts";
import { label } from "./label.ts";
import { seedOf } from "./seeded-random.ts";

/** How a simulated model answers. */
export interface SimulatedModelOptions {
  /** Other seeds, other answers; `0`. */
  readonly seed?: number | string | undefined;
  /** Gives the text of an answer; undefined for one that follows from the schema. */
  readonly respond?: ((options: LanguageModelV4CallOptions) => string | undefined) | undefined;
}

/** A model object that needs no provider, and remembers what it was asked. */
export interface SimulatedModel extends LanguageModelV4 {
  /** Every request, in the order in which they came. */
  readonly requests: readonly LanguageModelV4CallOptions[];
}

/**
 * Makes a model that answers offline, by the schema that it is asked to answer in. The same request gets the same answer;
 * its texts begin with "Simulated".
 *
 * @example
 * ```ts
 * const model = simulatedModel({ seed: 1 });
 * const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hello" }] }];
 * const { content } = await model.doGenerate({ prompt });
 * console.log(content); // => [ { type: 'text', text: 'Simulated answer to: Hello' } ]
 * ```
 */
export function simulatedModel(options: SimulatedModelOptions = {}): SimulatedModel {
  const { seed = 0, respond } = options;
  const requests: LanguageModelV4CallOptions[] = [];
  const answerTo = (request: LanguageModelV4CallOptions): { text: string; usage: LanguageModelV4Usage } => {
    requests.push(request);
    const text = respond?.(request) ?? textFor(request, seed);
    return { text, usage: usageOf(JSON.stringify(request.prompt), text) };
  };
  return {
    specificationVersion: "v4",
    provider: "simulated",
    modelId: String(seed),
    supportedUrls: {},
    requests,
    doGenerate: (request) => {
      const { text, usage } = answerTo(request);
      const finishReason = { unified: "stop", raw: "stop" } as const;
      return Promise.resolve({ content: [{ type: "text", text }], finishReason, usage, warnings: [] });
    },
    doStream: (request) => {
      const { text, usage } = answerTo(request);
      return Promise.resolve({ stream: ReadableStream.from(partsOf(text, usage)) });
    },
  };
}

function textFor({ prompt, responseFormat }: LanguageModelV4CallOptions, seed: number | string): string {
  if (responseFormat?.type === "json" && responseFormat.schema !== undefined) {
    const seedText = `${seed} ${JSON.stringify(prompt)} ${JSON.stringify(responseFormat.schema)}`;
    return JSON.stringify(answerOf(responseFormat.schema as JsonSchema, seedOf(seedText)));
  }
  const last = prompt.findLast(({ role }) => role === "user");
  const asked = typeof last?.content === "string" ? last.content : textsOf(last?.content ?? []);
  return `${label} answer to: ${asked.slice(0, 200)}`;
}

function textsOf(
  parts: readonly { readonly type: string; readonly text?: string }[] | readonly unknown[],
): string {
  return parts
    .map((part) => (typeof part === "object" && part !== null && "text" in part ? String(part.text) : ""))
    .join(" ");
}

function usageOf(prompt: string, text: string): LanguageModelV4Usage {
  const input = estimateTokens(prompt);
  const output = estimateTokens(text);
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}

function* partsOf(text: string, usage: LanguageModelV4Usage): Generator<LanguageModelV4StreamPart> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  for (const delta of text.match(/[\s\S]{1,12}/g) ?? []) yield { type: "text-delta", id: "0", delta };
  yield { type: "text-end", id: "0" };
  yield { type: "finish", usage, finishReason: { unified: "stop", raw: "stop" } };
}
