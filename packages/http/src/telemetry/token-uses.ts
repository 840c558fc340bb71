/** What language models have used so far. A `ModelMeter` of `@atomic-agents/llm` is one. */
export interface TokenUses {
  /** One for each model; the numbers only grow. */
  readonly uses: readonly TokenUse[];
}

/** What one model has used so far. */
export interface TokenUse {
  readonly model: string;
  readonly usage: {
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Of the input. */
    readonly cachedTokens?: number | undefined;
    /** Of the output. */
    readonly reasoningTokens?: number | undefined;
  };
}
