/** A pattern that texts can be held against. */
export interface CompiledPattern {
  /** What it throws is told as what is wrong with the text. */
  readonly test: (text: string) => boolean;
}

/**
 * What reads the patterns of a schema in the place of `RegExp`, such as an engine that never takes more time than the
 * length of a text asks for.
 *
 * It is given what `new RegExp(pattern, "u")` takes. What it does not take it refuses by an error, which is told with the
 * place of the pattern; a property `hint` of the error says what to write.
 */
export type PatternEngine = (pattern: string) => CompiledPattern;

/** What a pattern threw on a text. */
export class PatternFailure extends Error {
  readonly pattern: string;

  constructor(pattern: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.pattern = pattern;
  }
}

/** An engine as Ajv takes it. */
export function patternsOf(engine: PatternEngine) {
  const compile = (pattern: string): CompiledPattern => {
    const compiled = engine(pattern);
    const test = (text: string): boolean => {
      try {
        return compiled.test(text);
      } catch (cause) {
        throw new PatternFailure(pattern, cause);
      }
    };
    // Ajv takes two for the same that have the same text.
    return { test, toString: () => `pattern ${pattern}` } as CompiledPattern;
  };
  // What code that Ajv writes out would call it.
  return Object.assign(compile, { code: "regExp" });
}
