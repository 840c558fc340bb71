export {
  analyzeSentiment,
  type AnalyzeSentimentOptions,
  type Sentiment,
  type SentimentLabel,
} from "./analyze-sentiment.ts";
export { analyzeTextAgent } from "./agents/analyze-text-agent.ts";
export { cleanTextAgent, CleanTextInput, CleanTextOutput } from "./agents/clean-text-agent.ts";
export { Content, LongContent, VisibleText } from "./agents/content.ts";
export { detectLanguageAgent, DetectLanguageInput } from "./agents/detect-language-agent.ts";
export { extractKeywordsAgent, ExtractKeywordsInput } from "./agents/extract-keywords-agent.ts";
export { mergeAnalysesAgent, MergeAnalysesInput, TextAnalysis } from "./agents/merge-analyses-agent.ts";
export {
  DetectLanguageOutput,
  ExtractKeywordsOutput,
  SentimentOutput,
  SummarizeOutput,
  TextResult,
} from "./agents/results.ts";
export { sentimentAgent, SentimentInput } from "./agents/sentiment-agent.ts";
export { splitTextAgent, SplitTextInput, SplitTextOutput } from "./agents/split-text-agent.ts";
export { summarizeAgent, SummarizeInput } from "./agents/summarize-agent.ts";
export { textAgents } from "./agents/text-agents.ts";
export {
  defineTextProcessor,
  TextOperation,
  TextOptions,
  textProcessor,
  type TextProcessorDefinition,
  TextProcessorInput,
  TextProcessorOutput,
} from "./agents/text-processor.ts";
export { validateTextAgent, ValidateTextInput, ValidateTextOutput } from "./agents/validate-text-agent.ts";
export { countCharacters, isBlank } from "./characters.ts";
export { cleanText } from "./clean-text.ts";
export {
  detectLanguage,
  type DetectedLanguage,
  type DetectLanguageOptions,
  type LanguageCandidate,
} from "./detect-language.ts";
export {
  extractKeywords,
  type ExtractKeywordsOptions,
  type Keyword,
  type Keywords,
} from "./extract-keywords.ts";
export {
  mergeKeywords,
  mergeLanguages,
  type MergeOptions,
  mergeSentiments,
  mergeSummaries,
} from "./merge-results.ts";
export { mergeText } from "./merge-text.ts";
export { type Sentence, splitSentences, type SplitSentencesOptions } from "./split-sentences.ts";
export { splitText, type SplitTextOptions } from "./split-text.ts";
export { countWords, splitWords, type Word } from "./split-words.ts";
export { type ScoredSentence, summarize, type SummarizeOptions, type Summary } from "./summarize.ts";
