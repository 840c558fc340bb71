import { detectLanguage } from "./detect-language.ts";

/** The language of a text as the other operations use it. */
export interface TextLanguage {
  /** ISO 639-1 code or `und`. */
  readonly language: string;
  /** The best guess, also where that is too unsure to be called the language. */
  readonly guess: string;
  /** How sure the guess is, 0 to 1. */
  readonly confidence: number;
}

/** The language that the caller says, or else the detected one. */
export async function languageOf(
  text: string,
  options: { readonly language?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<TextLanguage> {
  options.signal?.throwIfAborted();
  if (options.language !== undefined) {
    return { language: options.language, guess: options.language, confidence: 1 };
  }
  const found = await detected(text);
  options.signal?.throwIfAborted();
  return found;
}

async function detected(text: string): Promise<TextLanguage> {
  const { language, confidence, candidates } = await detectLanguage(text);
  return { language, guess: candidates[0]?.language ?? "und", confidence };
}

/**
 * What a confidence is multiplied by because of the text's language: 1 for the languages an operation knows, `floor`
 * for a language it surely does not, in between as far as the detection is unsure.
 */
export function languageFactor(
  { guess, confidence }: TextLanguage,
  known: readonly string[],
  floor: number,
): number {
  return known.includes(guess) ? 1 : 1 - (1 - floor) * confidence;
}
