import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { Message, SystemMessage } from "../history/message.ts";
import { toPrompt } from "../history/to-prompt.ts";
import type { ModelRequest, ModelSettings, Thoughts } from "../model/model-request.ts";
import type { ResolvedModel } from "../model/resolved-model.ts";
import type { Parts } from "./parts.ts";

/** What is asked, whatever model it is asked of. */
export interface Question {
  /** The system prompt, without the schema. */
  readonly system: string;
  readonly messages: readonly Message[];
  readonly isLastRound: boolean;
  /** What came with calls of tools that are among the messages, by the ids of the calls. */
  readonly thoughts: ReadonlyMap<string, ThoughtsOf>;
  readonly onText: ((text: string) => void) | undefined;
}

/** Thoughts, and whose they are. */
export interface ThoughtsOf {
  readonly modelId: string;
  readonly thoughts: Thoughts;
}

/** Providers that hold models to a schema only where it keeps to few keywords. */
const strictProviders = new Set(["openai", "azure", "groq"]);

/** Providers that know developers' messages. */
const openAi = new Set(["openai", "azure"]);

/** The request as one model takes it. */
export function requestOf(
  parts: Parts,
  question: Question,
  { id, model, supportsSchema }: ResolvedModel,
): ModelRequest {
  const { shape, toolDefinitions, tools } = parts;
  const provider = model.provider.replace(/\..*/, "");
  const isStrict = strictProviders.has(provider);
  const { onText, isLastRound } = question;
  const answer =
    shape.kind === "text"
      ? undefined
      : {
          name: answerName,
          ...(shape.description !== undefined && { description: shape.description }),
          schema: isStrict && shape.dialect.canBeStrict ? shape.dialect.strict : shape.dialect.plain,
        };
  const system = systemText(parts, question.system, supportsSchema);
  return {
    prompt: withThoughts(
      toPrompt([...systemMessages(parts, system), ...question.messages]),
      question.thoughts,
      id,
    ),
    ...(answer !== undefined && { answer }),
    ...(tools.size > 0 && { tools: isStrict ? toolDefinitions.strict : toolDefinitions.plain }),
    ...(tools.size > 0 && isLastRound && { toolChoice: { type: "none" as const } }),
    settings: settingsFor(parts, provider),
    ...(onText !== undefined && { onText }),
  };
}

/** Some providers refuse calls of tools without the thoughts before them; those of another model are none of theirs. */
function withThoughts(
  prompt: LanguageModelV4Prompt,
  known: ReadonlyMap<string, ThoughtsOf>,
  modelId: string,
): LanguageModelV4Prompt {
  if (known.size === 0) return prompt;
  return prompt.map((message) => {
    if (message.role !== "assistant") return message;
    const call = message.content.find((part) => part.type === "tool-call");
    const found = call === undefined ? undefined : known.get(call.toolCallId);
    if (found?.modelId !== modelId) return message;
    const { reasoning, ofCalls } = found.thoughts;
    const content = message.content.map((part) => {
      const providerOptions = part.type === "tool-call" ? ofCalls.get(part.toolCallId) : undefined;
      return providerOptions === undefined ? part : { ...part, providerOptions };
    });
    return { ...message, content: [...reasoning, ...content] };
  });
}

/** Providers want a name for a schema; this one says what it is. */
const answerName = "answer";

/** The system prompt with what has to stand in it for want of another place. */
export function systemText({ shape }: Parts, system: string, supportsSchema: boolean): string {
  if (shape.kind === "text") {
    return shape.limits === undefined ? system : joined(system, `# LIMITS OF THE ANSWER\n${shape.limits}`);
  }
  if (supportsSchema) return system;
  return joined(system, `# JSON SCHEMA OF THE ANSWER\n${JSON.stringify(shape.dialect.plain)}`);
}

/** Where there is to be no system message, what a model cannot do without is told as the user's. */
export function systemMessages({ systemRole }: Parts, system: string): readonly Message[] {
  if (system === "") return [];
  if (systemRole === "none") return [{ role: "user", content: system }];
  const message: SystemMessage = { role: systemRole, content: system };
  return [message];
}

function joined(...sections: readonly string[]): string {
  return sections.filter((section) => section !== "").join("\n\n");
}

/** The settings, and what a provider has to be told for this agent; the user's own have the last word. */
function settingsFor({ settings, systemRole, shape }: Parts, provider: string): ModelSettings {
  const own = {
    // Others would send it on as a setting of the model's.
    ...(systemRole === "developer" && openAi.has(provider) && { systemMessageMode: "developer" }),
    ...(shape.kind === "json" &&
      !shape.dialect.canBeStrict &&
      provider !== "anthropic" && { strictJsonSchema: false }),
  };
  if (Object.keys(own).length === 0) return settings;
  const { providerOptions = {} } = settings;
  return {
    ...settings,
    providerOptions: { ...providerOptions, [provider]: { ...own, ...providerOptions[provider] } },
  };
}
