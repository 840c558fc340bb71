/** Whose a message is. */
export type MessageRole = "user" | "assistant" | "tool" | "system" | "developer";

/** A model's wish to have a tool run. */
export interface ToolCall {
  /** Ties the result to the call. */
  readonly id: string;
  readonly name: string;
  /** The arguments as the model gave them, read as JSON and not yet validated. */
  readonly input: unknown;
}

/** What is said to the model. */
export interface UserMessage {
  readonly role: "user";
  /** A text, or a value that an agent's schema gave; media at any depth. */
  readonly content: unknown;
  /** The name under which a registry has the schema of the content, to check it when a history is loaded. */
  readonly schema?: string | undefined;
}

/** What the model said: content, wishes for tools, or both. */
export interface AssistantMessage {
  readonly role: "assistant";
  /** A text, or a value that an agent's output schema gave. */
  readonly content?: unknown;
  readonly schema?: string | undefined;
  readonly toolCalls?: readonly ToolCall[] | undefined;
}

/** What a tool gave. It is data, and has no say in what the agent does. */
export interface ToolMessage {
  readonly role: "tool";
  readonly content: unknown;
  readonly schema?: string | undefined;
  /** The call that this answers; absent when a program ran the tool by itself. */
  readonly toolCallId?: string | undefined;
  readonly toolName?: string | undefined;
  /** Says that the tool failed and the content tells why. */
  readonly isError?: boolean | undefined;
}

/** Instructions of whoever made the agent. */
export interface SystemMessage {
  readonly role: "system" | "developer";
  readonly content: string;
}

/** One message of a conversation. */
export type Message = UserMessage | AssistantMessage | ToolMessage | SystemMessage;

/** What belongs together: what was asked, the tools that were run, and what was answered. Kept or dropped as a whole. */
export interface Turn {
  readonly id: string;
  readonly messages: readonly Message[];
}
