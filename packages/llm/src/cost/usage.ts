/** What a call of a model used. */
export interface Usage {
  /** Tokens of all that was sent, those read from the provider's cache included. */
  readonly inputTokens: number;
  /** Tokens of the answer, those of its reasoning included. */
  readonly outputTokens: number;
  /** Those of the input that the provider had kept from an earlier call. */
  readonly cachedTokens: number;
  /** Those of the input that the provider keeps for later calls from now on, where that has a price of its own. */
  readonly cacheWriteTokens?: number | undefined;
  /** Those of the output that are no answer, but thoughts before it. */
  readonly reasoningTokens: number;
  /** Whether the provider did not tell all of it, and the rest is our estimate. */
  readonly estimated: boolean;
}

/** Nothing used. */
export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  estimated: false,
};

/** What two calls used together. */
export function addUsage(first: Usage, second: Usage): Usage {
  const cacheWriteTokens = (first.cacheWriteTokens ?? 0) + (second.cacheWriteTokens ?? 0);
  return {
    inputTokens: first.inputTokens + second.inputTokens,
    outputTokens: first.outputTokens + second.outputTokens,
    cachedTokens: first.cachedTokens + second.cachedTokens,
    reasoningTokens: first.reasoningTokens + second.reasoningTokens,
    estimated: first.estimated || second.estimated,
    ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
  };
}
