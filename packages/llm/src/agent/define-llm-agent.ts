import type { AnySchema, InferInput, InferOutput } from "@atomic-agents/contracts";
import { configError, type Context, defineAgent, startWork } from "@atomic-agents/core";
import type { Message } from "../history/message.ts";
import { models } from "../model/create-models.ts";
import type { ModelChoice, ResolvedModel } from "../model/resolved-model.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import {
  checkSessionOptions,
  forgetSession,
  sessionKey,
  type UseSessionOptions,
} from "../sessions/use-session.ts";
import type { TokenCount } from "../tokens/count-tokens.ts";
import type { LlmAgent, LlmAgentDefinition, SessionOf } from "./llm-agent.ts";
import { checkModel, checkSessions, type Parts, partsOf } from "./parts.ts";
import { countRequest, runAgent, systemPromptOf } from "./run-agent.ts";

/**
 * Makes an agent of a language model: an agent like any other, whose output has passed its schema.
 *
 * Without `history` and `sessions` a run remembers nothing of those before it. An answer that does not fit is asked for
 * again, with what is wrong, up to `reask.attempts` times; a call that failed is made again, and then another model of
 * the list asked, as `calls` says. A run that fails leaves nothing in a history. Drafts of the output are shown to who
 * reads `partials` of the run. What all its calls used and cost is told by an event named `llm` and by the run's report.
 *
 * Running it throws, besides what any agent does, `VALIDATION_OUTPUT` with the issues and the raw text when no answer
 * fits, `RATE_LIMITED`, `TIMEOUT`, `EXECUTION` or `ALL_FAILED` when no model answers, `BUDGET_EXCEEDED`, and `LOOP_LIMIT`
 * for tools without end.
 *
 * @throws AtomicError `CONFIG` when a part is missing, misspelt or cannot be
 * @example
 * ```ts
 * const sort = defineLlmAgent({
 *   name: "sort-ticket",
 *   description: "Says what kind of ticket a text is.",
 *   model: "simulated",
 *   prompt: { background: ["You sort tickets of a software company."] },
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ kind: z.enum(["bug", "question"]), reason: z.string() }),
 * });
 * const { kind, reason } = await sort.run({ text: "It crashes" });
 * console.log(["bug", "question"].includes(kind), reason.startsWith("Simulated")); // => true true
 * ```
 */
export function defineLlmAgent<TInputSchema extends AnySchema, TOutputSchema extends AnySchema>(
  definition: LlmAgentDefinition<TInputSchema, TOutputSchema>,
): LlmAgent<InferInput<TInputSchema>, InferOutput<TOutputSchema>> {
  if (typeof definition !== "object" || definition === null) {
    throw configError("defineLlmAgent", "its argument", "an object", definition);
  }
  const { name, description, version, capabilities, input, output } = definition;
  // Checks the card first, so that what is wrong with it is told in the words of all agents.
  defineAgent({ name, description, version, capabilities, input, output, execute: notRun });
  return agentOf(definition, partsOf(definition));
}

function notRun(): never {
  throw new Error("unreachable: it is only defined");
}

function agentOf<TInputSchema extends AnySchema, TOutputSchema extends AnySchema>(
  definition: LlmAgentDefinition<TInputSchema, TOutputSchema>,
  parts: Parts,
): LlmAgent<InferInput<TInputSchema>, InferOutput<TOutputSchema>> {
  const { name, description, version, capabilities, input, output } = definition;
  const agent = defineAgent({
    name,
    description,
    version,
    capabilities,
    input,
    output,
    // What it gives has been validated once, as what the output schema takes; the agent's own parsing has the last word.
    execute: (value, ctx) => runAgent(parts, value, ctx) as Promise<InferInput<TOutputSchema>>,
  });
  const { providers, hooks, history, sessions, model } = parts;
  return Object.freeze({
    ...agent,
    promptProviders: providers,
    hooks,
    history,
    sessions,
    model,
    systemPrompt: (ctx?: Context) =>
      ctx === undefined ? outside(name, (own) => systemPromptOf(parts, own)) : systemPromptOf(parts, ctx),
    countTokens: (value?: unknown) => outside(name, (ctx) => countOf(parts, ctx, value)),
    withModel: (other: ModelChoice) => {
      checkModel(`Agent "${name}"`, other);
      return agentOf(definition, { ...parts, model: other });
    },
    withSessions: (store: SessionStore, options: UseSessionOptions = {}) => {
      checkSessions(`Agent "${name}"`, store);
      checkSessionOptions(`Agent "${name}": sessionOptions`, options);
      return agentOf(definition, { ...parts, history: undefined, sessions: store, sessionOptions: options });
    },
    resetHistory: (session?: SessionOf) => resetHistory(parts, session),
  });
}

/** Does something that needs a context, where there is no run. */
async function outside<T>(name: string, work: (ctx: Context) => Promise<T>): Promise<T> {
  const result = await startWork(name, work).result;
  if (!result.ok) throw result.error;
  return result.output;
}

async function countOf(parts: Parts, ctx: Context, input: unknown): Promise<TokenCount> {
  const system = await systemPromptOf(parts, ctx, input);
  const asked: readonly Message[] = input === undefined ? [] : [{ role: "user", content: input }];
  const messages = [...(parts.history?.messages ?? []), ...asked];
  const count = countRequest(parts, system, messages, await modelToCount(parts.model, ctx));
  parts.hooks.tell(ctx.log, "tokensCounted", count);
  return count;
}

/** The first model; one that is not there, for want of a key for instance, can be counted for all the same. */
async function modelToCount(
  choice: ModelChoice,
  ctx: Context,
): Promise<Pick<ResolvedModel, "id" | "supportsSchema">> {
  try {
    const [first] = await (await ctx.use(models)).resolve(choice);
    if (first !== undefined) return first;
  } catch {
    // Said when it is run.
  }
  const first: ModelChoice | undefined = typeof choice === "string" || !isList(choice) ? choice : choice[0];
  const id = typeof first === "string" ? first : "unknown";
  return { id, supportsSchema: true };
}

function isList(choice: ModelChoice): choice is Extract<ModelChoice, readonly unknown[]> {
  return Array.isArray(choice);
}

async function resetHistory(
  { name, history, sessions, sessionOptions }: Parts,
  session?: SessionOf,
): Promise<void> {
  history?.reset();
  if (sessions === undefined) return;
  const { sessionId, userId } = session ?? {};
  if (typeof sessionId !== "string" || sessionId === "") {
    throw configError(`Agent "${name}"`, "resetHistory", "told which session to forget", session);
  }
  const { history: _, schemas: __, ...limits } = sessionOptions;
  const key = sessionKey({ agent: name, userId, sessionId });
  await outside(name, (ctx) => forgetSession(sessions, key, ctx, limits));
}
