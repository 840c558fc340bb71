import type { AnySchema } from "@atomic-agents/contracts";
import type { Agent, AnyAgent, Context } from "@atomic-agents/core";
import type { History } from "../history/history.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { AskPolicy } from "../model/ask-models.ts";
import type { ModelSettings } from "../model/model-request.ts";
import type { ModelChoice } from "../model/resolved-model.ts";
import type { PromptProvider } from "../prompt/prompt-provider.ts";
import type { PromptProviders } from "../prompt/prompt-providers.ts";
import type { SystemPrompt, SystemPromptOptions } from "../prompt/system-prompt.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UseSessionOptions } from "../sessions/use-session.ts";
import type { TokenCount } from "../tokens/count-tokens.ts";
import type { EstimateTokens } from "../tokens/estimate.ts";

/** What an agent that is a language model is made of. */
export interface LlmAgentDefinition<TInputSchema extends AnySchema, TOutputSchema extends AnySchema> {
  /** Short, in kebab case by custom: `sort-letter`. No slash, at most 200 characters. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly description: string;
  /** `1.0.0` unless said otherwise. */
  readonly version?: string | undefined;
  /** What it can be found by. */
  readonly capabilities?: readonly string[] | undefined;
  /** An id such as `openai/gpt-5-mini` or `simulated`, a model object of the AI SDK 7, or several, tried in order. */
  readonly model: ModelChoice;
  readonly input: TInputSchema;
  /** What the model has to answer. A text (`z.string()`) is answered as plain text, anything else as JSON. */
  readonly output: TOutputSchema;
  /** The system prompt, or the parts of the usual one. */
  readonly prompt?: SystemPrompt | SystemPromptOptions | undefined;
  /** Whose message the system prompt is; `none` for no such message. `system` unless said otherwise. */
  readonly systemRole?: "system" | "developer" | "none" | undefined;
  readonly settings?: ModelSettings | undefined;
  readonly promptProviders?: PromptProviders | Iterable<PromptProvider> | undefined;
  /** One conversation that all runs are part of, one after the other. */
  readonly history?: History | undefined;
  /** A conversation for each user and session id of the runs; a run without a session id, or an empty one, has a fresh one. */
  readonly sessions?: SessionStore | undefined;
  /** How the conversations of sessions begin and are limited. */
  readonly sessionOptions?: UseSessionOptions | undefined;
  /** Agents that the model may call. */
  readonly tools?: readonly AnyAgent[] | undefined;
  /** How often a run answers calls of tools; 8. */
  readonly maxToolRounds?: number | undefined;
  /** How often a model is asked again when its answer does not fit, with what is wrong; 2. */
  readonly reask?: { readonly attempts: number } | undefined;
  /** Whether answers are streamed, which gives drafts and lets a deadline hold for the first token; true. */
  readonly stream?: boolean | undefined;
  /** How often models are called that fail, and how long is waited for them. */
  readonly calls?: Partial<AskPolicy> | undefined;
  /** The most tokens of a request, by estimate: the oldest turns are left out until it fits. */
  readonly maxContextTokens?: number | undefined;
  /** How tokens are counted; `estimateTokens` unless said otherwise. */
  readonly estimate?: EstimateTokens | undefined;
  /** Hears of what goes on. */
  readonly hooks?: Hooks | undefined;
}

/** Whose conversation is meant. */
export interface SessionOf {
  readonly sessionId: string;
  readonly userId?: string | undefined;
}

/** An agent that is a language model. It is run, composed and served like any other. */
export interface LlmAgent<in TInput, out TOutput> extends Agent<TInput, TOutput> {
  /** What is told to the model anew in each run. Changes hold from the next run on. */
  readonly promptProviders: PromptProviders;
  readonly hooks: Hooks;
  /** The conversation, where all runs have the same one. */
  readonly history: History | undefined;
  /** Where the conversations of sessions are kept, where each session has its own. */
  readonly sessions: SessionStore | undefined;
  /** What models it asks. */
  readonly model: ModelChoice;
  /**
   * The system prompt as it is now.
   *
   * @throws AtomicError of a prompt provider
   */
  readonly systemPrompt: (ctx?: Context) => Promise<string>;
  /**
   * How many tokens a request is likely to be, with that input or without one. Where the schema of the answer stands in
   * the system prompt, because the model takes none, it counts there.
   *
   * @throws AtomicError of a prompt provider
   */
  readonly countTokens: (input?: unknown) => Promise<TokenCount>;
  /** The same agent on another model: it shares providers, hooks, history and sessions with this one. */
  readonly withModel: (model: ModelChoice) => LlmAgent<TInput, TOutput>;
  /** The same agent with a conversation for each user and session id of the runs, kept in that store, and no other. */
  readonly withSessions: (sessions: SessionStore, options?: UseSessionOptions) => LlmAgent<TInput, TOutput>;
  /**
   * Goes back to the beginning of the conversation: of the agent's history, or of a session.
   *
   * @throws AtomicError `CONFIG` when the conversations are those of sessions and none is named
   */
  readonly resetHistory: (session?: SessionOf) => Promise<void>;
}
