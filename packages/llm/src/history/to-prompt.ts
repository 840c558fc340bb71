import { checkKeys, configError } from "@atomic-agents/core";
import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultOutput,
  LanguageModelV4ToolResultPart,
} from "@ai-sdk/provider";
import { type ContentParts, contentParts } from "./content-parts.ts";
import type { Media } from "./media.ts";
import type { AssistantMessage, Message, ToolMessage } from "./message.ts";

/** How messages become a prompt. */
export interface ToPromptOptions {
  /**
   * Whose message the result of a tool is that no model has called, and system messages within a conversation:
   * providers refuse both where they stand. `user` unless said otherwise, for a result is data and must not speak with
   * the authority of a system message.
   */
  readonly toolResultRole?: "user" | "system" | undefined;
}

/**
 * A conversation as the model interface of the AI SDK takes it. Values are compact JSON in which letters stand as they
 * are, texts are themselves, and media follow as file parts in the order in which they stand in the content. System
 * messages before all others stay what they are.
 *
 * @throws AtomicError `CONFIG` for a content that contains itself, and for a wrong option
 * @example
 * ```ts
 * const prompt = toPrompt([
 *   { role: "user", content: { question: "Où?", photo: image("https://example.com/a.png") } },
 *   { role: "assistant", content: { answer: "À Paris" } },
 * ]);
 * console.log(prompt.map(({ role }) => role), prompt[0]?.content.length); // => [ 'user', 'assistant' ] 2
 * console.log(JSON.stringify(prompt[1]?.content)); // => [{"type":"text","text":"{\"answer\":\"À Paris\"}"}]
 * ```
 */
export function toPrompt(messages: readonly Message[], options: ToPromptOptions = {}): LanguageModelV4Prompt {
  checkKeys("toPrompt", options, ["toolResultRole"]);
  const { toolResultRole = "user" } = options;
  if (toolResultRole !== "user" && toolResultRole !== "system") {
    throw configError("toPrompt", "toolResultRole", "user or system", toolResultRole);
  }
  const prompt: LanguageModelV4Prompt = [];
  /** The calls that a result may answer: providers refuse results of calls that they do not see. */
  const calls = new Set<string>();
  let hasBegun = false;
  for (const message of messages) {
    switch (message.role) {
      case "system":
      case "developer":
        if (hasBegun && toolResultRole === "user") add(prompt, user(contentParts(message.content)));
        else add(prompt, { role: "system", content: message.content });
        break;
      case "user":
        hasBegun = true;
        add(prompt, user(contentParts(message.content)));
        break;
      case "assistant":
        hasBegun = true;
        for (const { id } of message.toolCalls ?? []) calls.add(id);
        add(prompt, assistant(message));
        break;
      case "tool":
        hasBegun = true;
        addToolResult(prompt, message, calls, toolResultRole);
        break;
      default:
        throw configError("toPrompt", "role", "a role of messages", (message as Message).role);
    }
  }
  return prompt;
}

/** A message with nothing in it is none. */
function add(prompt: LanguageModelV4Prompt, message: LanguageModelV4Message): void {
  if (message.content.length > 0) prompt.push(message);
}

function user(parts: ContentParts): LanguageModelV4Message {
  return { role: "user", content: textAndFiles(parts) };
}

function assistant({ content, toolCalls = [] }: AssistantMessage): LanguageModelV4Message {
  const calls = toolCalls.map(({ id, name, input }) => ({
    type: "tool-call" as const,
    toolCallId: id,
    toolName: name,
    input: contentParts(input).value,
  }));
  return { role: "assistant", content: [...textAndFiles(contentParts(content)), ...calls] };
}

function textAndFiles({ text, media }: ContentParts): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  // Providers refuse empty texts.
  const texts = text === undefined || text === "" ? [] : [{ type: "text" as const, text }];
  return [...texts, ...media.map(filePart)];
}

/** Media as a part of a prompt. */
function filePart({ mediaType, name, address, base64 }: Media): LanguageModelV4FilePart {
  return {
    type: "file",
    mediaType,
    data:
      address === undefined
        ? { type: "data", data: base64 ?? "" }
        : { type: "url", url: new URL(address), originalUrl: address },
    ...(name !== undefined && { filename: name }),
  };
}

function addToolResult(
  prompt: LanguageModelV4Prompt,
  message: ToolMessage,
  calls: ReadonlySet<string>,
  role: "user" | "system",
): void {
  const { toolCallId, toolName } = message;
  const parts = contentParts(message.content);
  if (toolCallId === undefined || !calls.has(toolCallId)) {
    addUncalled(prompt, message, parts, role);
    return;
  }
  const part: LanguageModelV4ToolResultPart = {
    type: "tool-result",
    toolCallId,
    toolName: toolName ?? "tool",
    output: outputOf(parts, message.isError === true),
  };
  const last = prompt.at(-1);
  if (last?.role === "tool") last.content.push(part);
  else prompt.push({ role: "tool", content: [part] });
}

/** In an object that says what it is: as a JSON text it cannot end that object, whatever it says. */
function addUncalled(
  prompt: LanguageModelV4Prompt,
  { toolName, isError }: ToolMessage,
  { value, media }: ContentParts,
  role: "user" | "system",
): void {
  const { text = "" } = contentParts({
    ...(toolName !== undefined && { tool: toolName }),
    [isError === true ? "toolError" : "toolResult"]: value ?? null,
  });
  if (role === "system") add(prompt, { role, content: text });
  // Only users' messages have room for media.
  const content = textAndFiles({ value, text: role === "system" ? undefined : text, media });
  add(prompt, { role: "user", content });
}

function outputOf({ value, text, media }: ContentParts, isError: boolean): LanguageModelV4ToolResultOutput {
  if (media.length > 0 && !isError) {
    const texts = text === undefined ? [] : [{ type: "text" as const, text }];
    return { type: "content", value: [...texts, ...media.map(filePart)] };
  }
  if (typeof value === "string") return { type: isError ? "error-text" : "text", value };
  // A plain copy is made of what JSON has.
  const json = (value ?? null) as JSONValue;
  return { type: isError ? "error-json" : "json", value: json };
}
