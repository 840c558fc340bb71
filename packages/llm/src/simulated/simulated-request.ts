import type { JsonSchema } from "@atomic-agents/contracts";

/** What a simulated model is asked, whatever protocol it came by. */
export interface SimulatedRequest {
  /** What the client calls the model. */
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** What the answer is to keep to; undefined for a text. */
  readonly schema: JsonSchema | undefined;
  readonly tools: readonly SimulatedTool[];
  readonly toolChoice: "auto" | "none" | "required" | { readonly name: string };
  readonly maxOutputTokens: number | undefined;
  readonly isStreamed: boolean;
}

/** A tool that a simulated model may call. */
export interface SimulatedTool {
  readonly name: string;
  readonly schema: JsonSchema | undefined;
}

/** An answer that is prescribed. */
export interface SimulatedReply {
  readonly text?: string | undefined;
  readonly toolCalls?: readonly { readonly name: string; readonly input: unknown }[] | undefined;
  /** `tool-calls` when there are calls, else `stop`. */
  readonly finishReason?: "stop" | "length" | "tool-calls" | "content-filter" | undefined;
}
