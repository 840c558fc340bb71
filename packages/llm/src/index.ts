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
export { countTokens, type RequestParts, type TokenCount } from "./tokens/count-tokens.ts";
export type { EstimateTokens } from "./tokens/estimate.ts";
export { type TrimmedTurns, type TrimOptions, trimTurns } from "./tokens/trim-turns.ts";
