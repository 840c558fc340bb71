import type { AnySchema, InferInput, InferOutput } from "@atomic-agents/contracts";
import { type Context, defineAgent } from "@atomic-agents/core";
import type { LlmAgent } from "../agent/llm-agent.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UseSessionOptions } from "../sessions/use-session.ts";
import type { ModelChoice } from "../model/resolved-model.ts";

/** What stands around a model: what it gives, and what is known without asking it. */
export interface Completion<TInputSchema extends AnySchema, TOutputSchema extends AnySchema, TAnswer> {
  readonly description: string;
  readonly capabilities: readonly string[];
  readonly input: TInputSchema;
  readonly output: TOutputSchema;
  /** Called once before the model is asked. */
  readonly begin: (
    input: InferOutput<TInputSchema>,
    ctx: Context,
  ) => (answer: TAnswer) => InferInput<TOutputSchema>;
}

/** An agent that asks another one, a language model, and adds to its answer what is no model's to say. Its drafts have it, too. */
export function completedAgent<TInputSchema extends AnySchema, TOutputSchema extends AnySchema, TAnswer>(
  inner: LlmAgent<InferOutput<TInputSchema>, TAnswer>,
  completion: Completion<TInputSchema, TOutputSchema, TAnswer>,
): LlmAgent<InferInput<TInputSchema>, InferOutput<TOutputSchema>> {
  const { description, capabilities, input, output, begin } = completion;
  const { promptProviders, hooks, history, sessions, model, systemPrompt, countTokens, resetHistory } = inner;
  const agent = defineAgent({
    name: inner.name,
    description,
    capabilities,
    input,
    output,
    execute: async (value, ctx) => {
      const complete = begin(value, ctx);
      const run = inner.start(value, ctx);
      const show = async () => {
        // A draft may lack anything.
        for await (const draft of run.partials) ctx.partial(complete(draft as TAnswer));
      };
      // Ends with the run, and never fails.
      void show();
      const result = await run.result;
      if (!result.ok) throw result.error;
      return complete(result.output);
    },
  });
  return Object.freeze({
    ...agent,
    promptProviders,
    hooks,
    history,
    sessions,
    model,
    systemPrompt,
    countTokens,
    resetHistory,
    withSessions: (store: SessionStore, options?: UseSessionOptions) =>
      completedAgent(inner.withSessions(store, options), completion),
    withModel: (other: ModelChoice) => completedAgent(inner.withModel(other), completion),
  });
}
