export { defineLlmAgent } from "./agent/define-llm-agent.ts";
export type { LlmAgent, LlmAgentDefinition, SessionOf } from "./agent/llm-agent.ts";
export { listPrices } from "./cost/list-prices.ts";
export { ModelMeter, type ModelUse } from "./cost/model-meter.ts";
export type { Price, PriceTable } from "./cost/price.ts";
export type { Usage } from "./cost/usage.ts";
export { createHistory, type HistoryOptions } from "./history/create-history.ts";
export type { History } from "./history/history.ts";
export type { HistoryDump, TurnDump } from "./history/history-dump.ts";
export { loadHistory, type LoadHistoryOptions, type SchemaRegistry } from "./history/load-history.ts";
export {
  audio,
  image,
  isMedia,
  type Media,
  type MediaKind,
  type MediaOptions,
  type MediaSource,
  pdf,
  video,
} from "./history/media.ts";
export type {
  AssistantMessage,
  Message,
  MessageRole,
  SystemMessage,
  ToolCall,
  ToolMessage,
  Turn,
  UserMessage,
} from "./history/message.ts";
export { toPrompt, type ToPromptOptions } from "./history/to-prompt.ts";
export { type HookEvent, type HookEvents, type HookHandler, Hooks } from "./hooks/hooks.ts";
export type { AskPolicy } from "./model/ask-models.ts";
export type { CallDeadlines } from "./model/call-deadlines.ts";
export { createModels, type Models, models, type ModelsOptions } from "./model/create-models.ts";
export type { ApiKey, Endpoint } from "./model/endpoint.ts";
export type {
  AnswerSchema,
  FinishReason,
  ModelAnswer,
  ModelRequest,
  ModelSettings,
  Thoughts,
} from "./model/model-request.ts";
export { keyVariables } from "./model/providers.ts";
export { openAiCompatible, type OpenAiCompatibleOptions } from "./model/open-ai-compatible.ts";
export type { ModelChoice, ResolvedModel } from "./model/resolved-model.ts";
export { currentTime, type CurrentTimeOptions } from "./prompt/current-time.ts";
export { policies, type PolicyTexts } from "./prompt/policies.ts";
export { type Facts, projectFacts, type ProjectFactsOptions } from "./prompt/project-facts.ts";
export {
  type PromptProvider,
  promptProvider,
  type PromptRequest,
  type ProviderOptions,
} from "./prompt/prompt-provider.ts";
export { PromptProviders } from "./prompt/prompt-providers.ts";
export type { ProviderText } from "./prompt/provider-text.ts";
export { recordSample, type RecordSampleOptions } from "./prompt/record-sample.ts";
export {
  type Passage,
  retrievedPassages,
  type RetrievedPassagesOptions,
  type SearchPassages,
} from "./prompt/retrieved-passages.ts";
export {
  type PromptSections,
  type SystemPrompt,
  systemPrompt,
  type SystemPromptOptions,
} from "./prompt/system-prompt.ts";
export { fileSessions, type FileSessionsOptions } from "./sessions/file-sessions.ts";
export { memorySessions, type MemorySessionsOptions } from "./sessions/memory-sessions.ts";
export { sessionChanged } from "./sessions/session-changed.ts";
export type { SaveOptions, SessionStore, StoredHistory } from "./sessions/session-store.ts";
export {
  forgetSession,
  sessionKey,
  type SessionKeyParts,
  useSession,
  type UseSessionOptions,
} from "./sessions/use-session.ts";
export { countTokens, type RequestParts, type TokenCount } from "./tokens/count-tokens.ts";
export type { EstimateTokens } from "./tokens/estimate.ts";
export { estimateTokens } from "./tokens/estimate-tokens.ts";
export { type TrimmedTurns, type TrimOptions, trimTurns } from "./tokens/trim-turns.ts";
export { type AiSdkSchema, type AiSdkTool, toAiSdkTool } from "./tools/to-ai-sdk-tool.ts";
