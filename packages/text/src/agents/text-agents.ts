import type { AnyAgent } from "@atomic-agents/core";
import { analyzeTextAgent } from "./analyze-text-agent.ts";
import { cleanTextAgent } from "./clean-text-agent.ts";
import { detectLanguageAgent } from "./detect-language-agent.ts";
import { extractKeywordsAgent } from "./extract-keywords-agent.ts";
import { mergeAnalysesAgent } from "./merge-analyses-agent.ts";
import { sentimentAgent } from "./sentiment-agent.ts";
import { splitTextAgent } from "./split-text-agent.ts";
import { summarizeAgent } from "./summarize-agent.ts";
import { textProcessor } from "./text-processor.ts";
import { validateTextAgent } from "./validate-text-agent.ts";

/** All agents of this package, for catalogs. */
export const textAgents: readonly AnyAgent[] = [
  textProcessor,
  summarizeAgent,
  extractKeywordsAgent,
  sentimentAgent,
  detectLanguageAgent,
  validateTextAgent,
  cleanTextAgent,
  splitTextAgent,
  mergeAnalysesAgent,
  analyzeTextAgent,
];
