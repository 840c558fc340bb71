/** Characters of English, code and JSON that make a token, at the low end. */
const asciiPerToken = 3.5;

/** What other characters cost by themselves: most are a token or less with today's tokenizers, rare scripts two and more. */
const tokensPerOther = 1.2;

/** Estimates tokens without a tokenizer. */
export function estimateTokens(text: string): number {
  let others = 0;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 127) others++;
  }
  return Math.ceil((text.length - others) / asciiPerToken + others * tokensPerOther);
}
