const keptTexts = 64;
const longestKept = 20_000;

/**
 * Remembers what a function made of the last 64 texts of up to 20,000 characters. Several operations on one text mostly
 * come together, and all of them want its language and its sentences. A promise that rejects is forgotten.
 */
export function remember<TRest extends readonly unknown[], TResult>(
  make: (text: string, ...rest: TRest) => TResult,
): (text: string, ...rest: TRest) => TResult {
  const kept = new Map<string, TResult>();
  return (text, ...rest) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const made = make(text, ...rest);
    if (text.length > longestKept) return made;
    kept.set(text, made);
    const oldest = kept.keys().next();
    if (kept.size > keptTexts && !oldest.done) kept.delete(oldest.value);
    if (made instanceof Promise) made.catch(() => kept.delete(text));
    return made;
  };
}
