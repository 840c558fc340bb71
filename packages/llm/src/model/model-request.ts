import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Prompt,
  LanguageModelV4ReasoningPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolChoice,
} from "@ai-sdk/provider";
import type { JsonSchema } from "@atomic-agents/contracts";
import type { Usage } from "../cost/usage.ts";
import type { ToolCall } from "../history/message.ts";

/** What is asked of a model beside the prompt; what is left out is for the provider to say. */
export interface ModelSettings {
  readonly temperature?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly reasoning?: LanguageModelV4CallOptions["reasoning"];
  /** Settings of one provider, by its name, handed on as they are. */
  readonly providerOptions?: LanguageModelV4CallOptions["providerOptions"];
}

/** The shape that an answer is asked in. */
export interface AnswerSchema {
  readonly name: string;
  readonly description?: string | undefined;
  readonly schema: JsonSchema;
}

/** One request to a model. */
export interface ModelRequest {
  readonly prompt: LanguageModelV4Prompt;
  /** Without one the answer is a text. */
  readonly answer?: AnswerSchema | undefined;
  readonly tools?: readonly LanguageModelV4FunctionTool[] | undefined;
  readonly toolChoice?: LanguageModelV4ToolChoice | undefined;
  readonly settings: ModelSettings;
  /** Where it is given, the answer is streamed: called with all of its text so far. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** Why an answer ended. */
export type FinishReason = "stop" | "length" | "content-filter" | "tool-calls" | "other";

/** What a provider wants to see again, as it came, where the calls of tools are that followed it. */
export interface Thoughts {
  readonly reasoning: readonly LanguageModelV4ReasoningPart[];
  /** By the ids of the calls. */
  readonly ofCalls: ReadonlyMap<string, LanguageModelV4ToolCallPart["providerOptions"]>;
}

/** What a model answered. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** What the provider calls the model that answered. */
  readonly model: string;
  /** Of an answer with calls of tools, where the provider sent any. */
  readonly thoughts?: Thoughts | undefined;
}

/** The request as the model's interface takes it. */
export function callOptionsOf(request: ModelRequest, signal: AbortSignal): LanguageModelV4CallOptions {
  const { prompt, answer, tools, toolChoice, settings } = request;
  const { stopSequences, ...others } = settings;
  const options = {
    prompt,
    ...others,
    ...(stopSequences === undefined ? {} : { stopSequences: [...stopSequences] }),
    ...(answer === undefined ? {} : { responseFormat: { type: "json", ...answer } }),
    ...(tools === undefined || tools.length === 0 ? {} : { tools: [...tools] }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    abortSignal: signal,
  };
  // Its types leave out `undefined`, which is the same to it; a JSON Schema of 2020-12 is one of draft 7 to it.
  return options as LanguageModelV4CallOptions;
}
