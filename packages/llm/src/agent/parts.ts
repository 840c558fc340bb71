import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import type { AnySchema } from "@atomic-agents/contracts";
import { checkCount, checkKeys, checkMs, configError } from "../check-options.ts";
import type { History } from "../history/history.ts";
import { Hooks } from "../hooks/hooks.ts";
import type { AskPolicy } from "../model/ask-models.ts";
import type { ModelSettings } from "../model/model-request.ts";
import { isModelObject, type ModelChoice } from "../model/resolved-model.ts";
import { type AnswerShape, answerShapeOf } from "../output/answer-shape.ts";
import { PromptProviders } from "../prompt/prompt-providers.ts";
import { type SystemPrompt, systemPrompt } from "../prompt/system-prompt.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import type { UseSessionOptions } from "../sessions/use-session.ts";
import type { EstimateTokens } from "../tokens/estimate.ts";
import { estimateTokens } from "../tokens/estimate-tokens.ts";
import { definitionOf, type Tool, toolsOf } from "../tools/tool-set.ts";
import type { LlmAgentDefinition } from "./llm-agent.ts";

/** A definition, checked, with its defaults filled in. */
export interface Parts {
  readonly name: string;
  readonly model: ModelChoice;
  readonly output: AnySchema;
  readonly shape: AnswerShape;
  readonly prompt: SystemPrompt;
  readonly systemRole: "system" | "developer" | "none";
  readonly settings: ModelSettings;
  readonly providers: PromptProviders;
  readonly history: History | undefined;
  readonly sessions: SessionStore | undefined;
  readonly sessionOptions: UseSessionOptions;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly toolDefinitions: {
    readonly plain: readonly LanguageModelV4FunctionTool[];
    readonly strict: readonly LanguageModelV4FunctionTool[];
  };
  readonly maxToolRounds: number;
  readonly reaskAttempts: number;
  readonly isStreamed: boolean;
  readonly policy: AskPolicy;
  readonly maxContextTokens: number | undefined;
  readonly estimate: EstimateTokens;
  readonly hooks: Hooks;
}

const known: readonly (keyof LlmAgentDefinition<AnySchema, AnySchema>)[] = [
  "name",
  "description",
  "version",
  "capabilities",
  "model",
  "input",
  "output",
  "prompt",
  "systemRole",
  "settings",
  "promptProviders",
  "history",
  "sessions",
  "sessionOptions",
  "tools",
  "maxToolRounds",
  "reask",
  "stream",
  "calls",
  "maxContextTokens",
  "estimate",
  "hooks",
];

const settingKeys: readonly (keyof ModelSettings)[] = [
  "temperature",
  "maxOutputTokens",
  "topP",
  "topK",
  "presencePenalty",
  "frequencyPenalty",
  "stopSequences",
  "seed",
  "reasoning",
  "providerOptions",
];

const policyOf: AskPolicy = {
  attempts: 3,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  firstTokenMs: 30_000,
  idleMs: 30_000,
  timeoutMs: 120_000,
};

/** Checks what is of a language model in a definition. @throws AtomicError `CONFIG` */
export function partsOf(definition: LlmAgentDefinition<AnySchema, AnySchema>): Parts {
  const what = `Agent "${definition.name}"`;
  checkKeys(what, definition, known);
  const { name, model, output, prompt = {}, systemRole = "system", settings = {} } = definition;
  const {
    promptProviders = [],
    history,
    sessions,
    sessionOptions = {},
    calls = {},
    stream = true,
  } = definition;
  const {
    maxToolRounds = 8,
    reask = { attempts: 2 },
    maxContextTokens,
    estimate = estimateTokens,
  } = definition;
  checkModel(what, model);
  checkKeys(`${what}: settings`, settings, settingKeys);
  checkKeys(`${what}: reask`, reask, ["attempts"]);
  checkKeys(`${what}: calls`, calls, Object.keys(policyOf));
  checkCount(what, "maxToolRounds", maxToolRounds, 0);
  checkCount(what, "reask.attempts", reask.attempts, 0);
  checkCount(what, "maxContextTokens", maxContextTokens);
  checkCount(what, "settings.maxOutputTokens", settings.maxOutputTokens);
  checkCount(what, "calls.attempts", calls.attempts);
  for (const key of ["baseDelayMs", "maxDelayMs"] as const) checkMs(what, `calls.${key}`, calls[key], 0);
  for (const key of ["firstTokenMs", "idleMs", "timeoutMs"] as const)
    checkMs(what, `calls.${key}`, calls[key]);
  if (!["system", "developer", "none"].includes(systemRole)) {
    throw configError(what, "systemRole", "system, developer or none", systemRole);
  }
  if (typeof stream !== "boolean") throw configError(what, "stream", "true or false", stream);
  if (typeof estimate !== "function") throw configError(what, "estimate", "a function", estimate);
  if (history !== undefined && sessions !== undefined) {
    throw configError(what, "history", "left out where there are sessions", history);
  }
  checkHas(what, "history", history, "add", "a history, for instance createHistory()");
  checkSessions(what, sessions);
  checkHas(what, "hooks", definition.hooks, "tell", "new Hooks()");
  const hooks = definition.hooks ?? new Hooks();
  const tools = toolsOf(what, definition.tools ?? []);
  return {
    name,
    model,
    output,
    shape: answerShapeOf(what, output),
    prompt: isSystemPrompt(prompt) ? prompt : systemPrompt(prompt),
    systemRole,
    settings,
    // Not asked by its class, of which there may be two where a package is installed twice.
    providers: "texts" in promptProviders ? promptProviders : new PromptProviders(promptProviders),
    history,
    sessions,
    sessionOptions,
    tools,
    toolDefinitions: {
      plain: [...tools.values()].map((tool) => definitionOf(tool, false)),
      strict: [...tools.values()].map((tool) => definitionOf(tool, true)),
    },
    maxToolRounds,
    reaskAttempts: reask.attempts,
    isStreamed: stream,
    policy: { ...policyOf, ...definedOf(calls) },
    maxContextTokens,
    estimate,
    hooks,
  };
}

/** Checks what an agent's models are; whether they are there is found out when it runs. @throws AtomicError `CONFIG` */
export function checkModel(what: string, model: unknown): void {
  const choices: readonly unknown[] = Array.isArray(model) ? model : [model];
  const isModel = (one: unknown): boolean =>
    typeof one === "string" ? one.trim() !== "" : isModelObject(one);
  if (choices.length === 0 || !choices.every(isModel)) {
    throw configError(
      what,
      "model",
      "an id such as openai/gpt-5-mini or simulated, a model object of the AI SDK 7, or a list of them",
      model,
    );
  }
}

/** Checks what sessions are kept in. @throws AtomicError `CONFIG` */
export function checkSessions(what: string, sessions: unknown): void {
  checkHas(what, "sessions", sessions, "load", "a store of sessions, for instance memorySessions()");
}

function checkHas(what: string, path: string, value: unknown, member: string, expected: string): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || !(member in value)) {
    throw configError(what, path, expected, value);
  }
}

function isSystemPrompt(prompt: object): prompt is SystemPrompt {
  return "generate" in prompt && typeof prompt.generate === "function";
}

/** What is said to be undefined is not said. */
function definedOf(policy: Partial<AskPolicy>): Partial<AskPolicy> {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined));
}
