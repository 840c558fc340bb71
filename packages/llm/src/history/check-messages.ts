import { configError } from "@atomic-agents/core";
import { checkText } from "../check-text.ts";
import type { Message, ToolCall } from "./message.ts";

const roles: readonly string[] = [
  "user",
  "assistant",
  "tool",
  "system",
  "developer",
] satisfies Message["role"][];

/** Checks messages that come from elsewhere. @throws AtomicError `CONFIG` that says which one is wrong */
export function checkMessages(what: string, messages: unknown): asserts messages is readonly Message[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw configError(what, "messages", "an array of at least one message", messages);
  }
  for (const [index, message] of messages.entries()) checkMessage(what, `messages[${index}]`, message);
}

function checkMessage(what: string, path: string, value: unknown): void {
  if (typeof value !== "object" || value === null) throw configError(what, path, "a message", value);
  const { role, content, schema, toolCalls, toolCallId, toolName, isError } = value as Readonly<
    Record<string, unknown>
  >;
  if (typeof role !== "string" || !roles.includes(role)) {
    throw configError(what, `${path}.role`, `one of ${roles.join(", ")}`, role);
  }
  if ((role === "system" || role === "developer") && typeof content !== "string") {
    throw configError(what, `${path}.content`, "a text", content);
  }
  if (content === undefined && toolCalls === undefined) {
    throw configError(what, `${path}.content`, "a text or a value", content);
  }
  for (const [key, text] of Object.entries({ schema, toolCallId, toolName })) {
    if (text !== undefined) checkText(what, `${path}.${key}`, text);
  }
  if (isError !== undefined && typeof isError !== "boolean") {
    throw configError(what, `${path}.isError`, "true or false", isError);
  }
  if (toolCalls !== undefined) checkToolCalls(what, `${path}.toolCalls`, role, toolCalls);
}

function checkToolCalls(what: string, path: string, role: string, calls: unknown): void {
  if (role !== "assistant") throw configError(what, path, "absent where the model does not speak", calls);
  if (!Array.isArray(calls)) throw configError(what, path, "an array", calls);
  for (const [index, call] of calls.entries()) {
    if (typeof call !== "object" || call === null)
      throw configError(what, `${path}[${index}]`, "a call", call);
    const { id, name } = call as Partial<ToolCall>;
    checkText(what, `${path}[${index}].id`, id);
    checkText(what, `${path}[${index}].name`, name);
  }
}
