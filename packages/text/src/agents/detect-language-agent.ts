import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
import { defaultMinConfidence, detectLanguage } from "../detect-language.ts";
import { Content } from "./content.ts";
import { Confidence, Language } from "./parameters.ts";
import { DetectLanguageOutput } from "./results.ts";

/** What `detect-language` takes. */
export const DetectLanguageInput = z.object({
  content: Content,
  languages: z
    .array(Language)
    .min(1)
    .optional()
    .meta({ description: "Only these languages are considered." }),
  minConfidence: Confidence.default(defaultMinConfidence).meta({
    description: "Below this the language is und.",
  }),
});

/**
 * The agent `detect-language`: which of 60 languages a text is in, or `und`. See the function `detectLanguage` for what
 * `confidence` means.
 *
 * @example
 * ```ts
 * const { language } = await detectLanguageAgent.run({ content: "El perro duerme debajo de la mesa." });
 * language; // => 'es'
 * ```
 */
export const detectLanguageAgent = defineAgent({
  name: "detect-language",
  description: "Says which of 60 languages a text is in, or und when that is unsure.",
  capabilities: ["text", "language-detection", "data-enrichment"],
  input: DetectLanguageInput,
  output: DetectLanguageOutput,
  execute: ({ content, languages, minConfidence }, ctx) =>
    detectLanguage(content, { languages, minConfidence, signal: ctx.signal }),
});
