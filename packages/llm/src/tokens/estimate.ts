/** Tells how many tokens a text is likely to be; rather too many than too few. */
export type EstimateTokens = (text: string) => number;
