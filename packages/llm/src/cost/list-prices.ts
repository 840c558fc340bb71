import type { PriceTable } from "./price.ts";

/**
 * List prices in US dollars, as the providers' pages had them in January 2026: openai.com/api/pricing,
 * claude.com/pricing, groq.com/pricing. They change; `createModels({ prices })` has the last word.
 * What Anthropic keeps for later calls costs as much as is said for five minutes.
 */
export const listPrices: PriceTable = {
  "openai/gpt-5": { inputPerMillion: 1.25, outputPerMillion: 10, cachedInputPerMillion: 0.125 },
  "openai/gpt-5-mini": { inputPerMillion: 0.25, outputPerMillion: 2, cachedInputPerMillion: 0.025 },
  "openai/gpt-5-nano": { inputPerMillion: 0.05, outputPerMillion: 0.4, cachedInputPerMillion: 0.005 },
  "openai/gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8, cachedInputPerMillion: 0.5 },
  "openai/gpt-4.1-mini": { inputPerMillion: 0.4, outputPerMillion: 1.6, cachedInputPerMillion: 0.1 },
  "openai/gpt-4.1-nano": { inputPerMillion: 0.1, outputPerMillion: 0.4, cachedInputPerMillion: 0.025 },
  "openai/gpt-4o": { inputPerMillion: 2.5, outputPerMillion: 10, cachedInputPerMillion: 1.25 },
  "openai/gpt-4o-mini": { inputPerMillion: 0.15, outputPerMillion: 0.6, cachedInputPerMillion: 0.075 },
  "anthropic/claude-opus-4-5": {
    inputPerMillion: 5,
    outputPerMillion: 25,
    cachedInputPerMillion: 0.5,
    cacheWriteInputPerMillion: 6.25,
  },
  "anthropic/claude-sonnet-4-5": {
    inputPerMillion: 3,
    outputPerMillion: 15,
    cachedInputPerMillion: 0.3,
    cacheWriteInputPerMillion: 3.75,
  },
  "anthropic/claude-haiku-4-5": {
    inputPerMillion: 1,
    outputPerMillion: 5,
    cachedInputPerMillion: 0.1,
    cacheWriteInputPerMillion: 1.25,
  },
  "groq/llama-3.3-70b-versatile": { inputPerMillion: 0.59, outputPerMillion: 0.79 },
  "groq/llama-3.1-8b-instant": { inputPerMillion: 0.05, outputPerMillion: 0.08 },
};
