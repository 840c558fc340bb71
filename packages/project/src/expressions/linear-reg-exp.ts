import type { CompiledPattern } from "@atomic-agents/contracts/json-schema";
import { limits } from "./limits.ts";
import { compilePattern } from "./pattern.ts";

/** A pattern that cannot be run in time that grows with the text alone. */
class PatternError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint: string | undefined) {
    super(`the pattern ${message}`);
    this.hint = hint === undefined ? undefined : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`;
  }
}

/**
 * Reads a pattern of a JSON Schema in the place of `RegExp`: what it takes to try it grows with the length of the text,
 * whatever the pattern. Looking around and back references, which make that impossible, are refused.
 */
export function linearRegExp(source: string): CompiledPattern {
  const { test } = compilePattern(source, (message, hint) => new PatternError(message, hint), {
    syntax: "javascript",
    maxLength: limits.schemaPatternLength,
    maxSteps: limits.schemaPatternSteps,
  });
  return {
    test: (text) => {
      let left: number = limits.schemaPatternWork;
      return test(text, (work) => {
        left -= work;
        if (left < 0) throw new PatternError("takes too much work for a text this long", undefined);
      });
    },
  };
}
