import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { mostCharacters, splitText } from "../split-text.ts";
import { Content, LongContent } from "./content.ts";

/** What `split-text` takes. */
export const SplitTextInput = z.object({
  content: LongContent,
  maxCharacters: z.int().min(1).max(mostCharacters).default(mostCharacters),
});
/** What `split-text` gives: inputs for any agent on text, one for each chunk, in order. */
export const SplitTextOutput = z.array(z.object({ content: Content }));

/**
 * The agent `split-text`: cuts a text of any length into chunks that agents on text take, at the ends of paragraphs or
 * sentences where it can; see the function `splitText`. `mapItems` runs an agent over the chunks.
 *
 * @example
 * ```ts
 * const chunks = await splitTextAgent.run({ content: "One two. Three four.", maxCharacters: 12 });
 * chunks; // => [ { content: 'One two. ' }, { content: 'Three four.' } ]
 * ```
 */
export const splitTextAgent = defineAgent({
  name: "split-text",
  description: "Cuts text of any length into chunks that agents on text take, at paragraph or sentence ends.",
  capabilities: ["text", "data-transformation"],
  input: SplitTextInput,
  output: SplitTextOutput,
  execute: ({ content, maxCharacters }) =>
    splitText(content, { maxCharacters }).map((chunk) => ({ content: chunk })),
});
