import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { cleanText } from "../clean-text.ts";
import { LongContent, VisibleText } from "./content.ts";

/** What `clean-text` takes. */
export const CleanTextInput = z.object({ content: VisibleText });
/** What `clean-text` gives. */
export const CleanTextOutput = z.object({ content: LongContent });

/**
 * The agent `clean-text`: mends a text of any origin and any length; see the function `cleanText`. The only agent of this
 * package that takes half surrogate pairs: it replaces them.
 *
 * @example
 * ```ts
 * const { content } = await cleanTextAgent.run({ content: "  The   app\r\ncrashes " });
 * content; // => 'The app\ncrashes'
 * ```
 */
export const cleanTextAgent = defineAgent({
  name: "clean-text",
  description: "Mends text: broken characters, invisible ones, line ends, runs of white space.",
  capabilities: ["text", "data-transformation"],
  input: CleanTextInput,
  output: CleanTextOutput,
  execute: ({ content }) => ({ content: cleanText(content) }),
});
