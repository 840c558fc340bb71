import { checkCount, checkKeys, checkMs, configError } from "@atomic-agents/core";
import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import type { AnySchema } from "@atomic-agents/contracts";
import type { History } from "../history/history.ts";
import { Hooks } from "../hooks/hooks.ts";
import type { AskPolicy } from "../model/ask-models.ts";
import type { ModelSettings } from "../model/model-request.ts";
import { isModelObject, type ModelChoice } from "../model/resolved-model.ts";
import { type AnswerShape, answerShapeOf } from "../output/answer-shape.ts";
import { PromptProviders } from "../prompt/prompt-providers.ts";
import { type SystemPrompt, systemPrompt } from "../prompt/system-prompt.ts";
import type { SessionStore } from "../sessions/session-store.ts";
import { checkSessionOptions, type UseSessionOptions } from "../sessions/use-session.ts";
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

/** What a definition may say. */
export const definitionKeys: readonly (keyof LlmAgentDefinition<AnySchema, AnySchema>)[] = [
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
  checkKeys(what, definition, definitionKeys);
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
  checkSettings(what, settings);
  checkKeys(`${what}: reask`, reask, ["attempts"]);
  checkKeys(`${what}: calls`, calls, Object.keys(policyOf));
  checkCount(what, "maxToolRounds", maxToolRounds, 0);
  // One of nothing would not ask again, where nobody said so.
  checkCount(what, "reask.attempts", reask.attempts ?? null, 0);
  checkCount(what, "maxContextTokens", maxContextTokens);
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
  if (sessions !== undefined) checkSessions(what, sessions);
  checkSessionOptions(`${what}: sessionOptions`, sessionOptions);
  checkPromptParts(what, prompt, promptProviders);
  checkHas(what, "hooks", definition.hooks, "tell", "new Hooks()");
  const hooks = definition.hooks ?? new Hooks();
  const { tools: agents = [] } = definition;
  if (!Array.isArray(agents)) throw configError(what, "tools", "an array of agents", agents);
  const tools = toolsOf(what, agents);
  return {
    name,
    model,
    output,
    shape: answerShapeOf(what, output),
    prompt: isSystemPrompt(prompt) ? prompt : systemPrompt(prompt),
    systemRole,
    settings: frozen(settings),
    // Not asked by its class, of which there may be two where a package is installed twice.
    providers: "texts" in promptProviders ? promptProviders : new PromptProviders(promptProviders),
    history,
    sessions,
    sessionOptions,
    tools,
    toolDefinitions: {
      plain: Object.freeze([...tools.values()].map((tool) => definitionOf(tool, false))),
      strict: Object.freeze([...tools.values()].map((tool) => definitionOf(tool, true))),
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
  const store = (typeof sessions === "object" && sessions !== null ? sessions : {}) as Record<
    string,
    unknown
  >;
  if (["load", "save", "delete"].every((member) => typeof store[member] === "function")) return;
  throw configError(what, "sessions", "a store of sessions, for instance memorySessions()", sessions);
}

const numbers = ["temperature", "topP", "topK", "presencePenalty", "frequencyPenalty"] as const;

const reasonings: readonly unknown[] = [
  "provider-default",
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
] satisfies readonly ModelSettings["reasoning"][];

/** What is in range, a provider says. */
function checkSettings(what: string, settings: ModelSettings): void {
  checkKeys(`${what}: settings`, settings, settingKeys);
  const { maxOutputTokens, seed, stopSequences, reasoning, providerOptions } = settings;
  checkCount(what, "settings.maxOutputTokens", maxOutputTokens);
  for (const key of numbers) {
    const value: unknown = settings[key];
    if (value !== undefined && !Number.isFinite(value)) {
      throw configError(what, `settings.${key}`, "a number", value);
    }
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw configError(what, "settings.seed", "a whole number", seed);
  }
  if (
    stopSequences !== undefined &&
    !(Array.isArray(stopSequences) && stopSequences.every((one) => typeof one === "string"))
  ) {
    throw configError(what, "settings.stopSequences", "an array of texts", stopSequences);
  }
  if (reasoning !== undefined && !reasonings.includes(reasoning)) {
    throw configError(what, "settings.reasoning", `one of ${reasonings.join(", ")}`, reasoning);
  }
  if (providerOptions !== undefined && (typeof providerOptions !== "object" || providerOptions === null)) {
    throw configError(
      what,
      "settings.providerOptions",
      "an object with the settings of each provider",
      providerOptions,
    );
  }
}

/** A copy that is the same in all runs, whoever is shown it. */
function frozen(settings: ModelSettings): ModelSettings {
  const { stopSequences } = settings;
  return Object.freeze({
    ...settings,
    ...(stopSequences !== undefined && { stopSequences: Object.freeze([...stopSequences]) }),
  });
}

function checkPromptParts(what: string, prompt: unknown, promptProviders: unknown): void {
  if (typeof prompt !== "object" || prompt === null) {
    const hint = 'For instance prompt: { background: ["You sort tickets."] }.';
    throw configError(
      what,
      "prompt",
      "an object with background, steps and outputInstructions, or with generate",
      prompt,
      hint,
    );
  }
  const isList =
    typeof promptProviders === "object" &&
    promptProviders !== null &&
    ("texts" in promptProviders || Symbol.iterator in promptProviders);
  if (!isList) {
    throw configError(what, "promptProviders", "a list of prompt providers", promptProviders);
  }
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
