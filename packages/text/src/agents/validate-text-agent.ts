import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { countCharacters } from "../characters.ts";
import { countWords } from "../split-words.ts";
import { LongContent } from "./content.ts";
import { Count } from "./parameters.ts";

/** What `validate-text` takes. */
export const ValidateTextInput = z.object({ content: LongContent });
/** What `validate-text` gives. */
export const ValidateTextOutput = z.object({ content: LongContent, characterCount: Count, wordCount: Count });

/**
 * The agent `validate-text`: lets a text of any length pass that shows something and is well-formed Unicode, and counts
 * its characters (code points) and words. Others fail with `VALIDATION_INPUT`, which says what is wrong and where.
 *
 * @example
 * ```ts
 * const { characterCount, wordCount } = await validateTextAgent.run({ content: "naïve 😀" });
 * console.log(characterCount, wordCount); // => 7 1
 * ```
 */
export const validateTextAgent = defineAgent({
  name: "validate-text",
  description:
    "Lets text pass that shows something and is well-formed Unicode, and counts its characters and words.",
  capabilities: ["text", "data-validation"],
  input: ValidateTextInput,
  output: ValidateTextOutput,
  execute: ({ content }) => ({
    content,
    characterCount: countCharacters(content),
    wordCount: countWords(content),
  }),
});
