import { AtomicError } from "@atomic-agents/core";
import { expect, test } from "vitest";
import {
  analyzeSentiment,
  cleanText,
  detectLanguage,
  extractKeywords,
  splitSentences,
  splitText,
  summarize,
} from "./index.ts";

const functions = {
  analyzeSentiment,
  cleanText,
  detectLanguage,
  extractKeywords,
  splitSentences,
  splitText,
  summarize,
};

test.each(Object.entries(functions))("%s given no text says so", async (name, called) => {
  // As a program in JavaScript would call it.
  const loose = called as (text: unknown) => unknown;
  for (const value of [7, null, undefined, ["a"]]) {
    const failure: unknown = await Promise.resolve()
      .then(() => loose(value))
      .catch((thrown: unknown) => thrown);
    expect(AtomicError.isInstance(failure, "CONFIG")).toBe(true);
    expect(String(failure)).toContain(`${name}: its first argument must be a text`);
  }
});
