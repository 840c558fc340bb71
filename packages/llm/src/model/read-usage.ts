import type { LanguageModelV4Prompt, LanguageModelV4Usage } from "@ai-sdk/provider";
import type { Usage } from "../cost/usage.ts";
import { estimateTokens } from "../tokens/estimate-tokens.ts";
import type { ModelRequest } from "./model-request.ts";

/** Tokens of a picture, a page or a second of sound are the provider's to say; this is a rough one. */
const tokensPerFile = 1_000;

/** Tokens that every message has around it. */
const tokensPerMessage = 4;

/** An estimate of what a request sends. */
export function estimateInput(request: ModelRequest): number {
  const { prompt, answer, tools } = request;
  const schema = answer === undefined ? 0 : estimateTokens(JSON.stringify(answer.schema));
  const toolTokens = tools === undefined ? 0 : estimateTokens(JSON.stringify(tools));
  return schema + toolTokens + prompt.reduce((sum, message) => sum + messageTokens(message), 0);
}

function messageTokens(message: LanguageModelV4Prompt[number]): number {
  if (typeof message.content === "string") return tokensPerMessage + estimateTokens(message.content);
  let tokens = tokensPerMessage;
  for (const part of message.content) {
    if (part.type === "text" || part.type === "reasoning") tokens += estimateTokens(part.text);
    else if (part.type === "file") tokens += tokensPerFile;
    else tokens += estimateTokens(JSON.stringify(part));
  }
  return tokens;
}

/** What a call used: as the provider tells, and where it does not, as estimated. */
export function readUsage(
  told: LanguageModelV4Usage | undefined,
  request: ModelRequest,
  answered: string,
): Usage {
  // Models of others' making may leave out what the types promise.
  const { inputTokens, outputTokens } = (told ?? {}) as Partial<LanguageModelV4Usage>;
  const input = count(inputTokens?.total);
  const output = count(outputTokens?.total);
  const cacheWriteTokens = count(inputTokens?.cacheWrite) ?? 0;
  return {
    inputTokens: input ?? estimateInput(request),
    outputTokens: output ?? estimateTokens(answered),
    cachedTokens: count(inputTokens?.cacheRead) ?? 0,
    reasoningTokens: count(outputTokens?.reasoning) ?? 0,
    estimated: input === undefined || output === undefined,
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
  };
}

/** Servers tell odd things; a count is a whole number that is not negative. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
