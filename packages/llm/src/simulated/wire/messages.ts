import { piecesOf } from "../pieces-of.ts";
import type { Protocol, WireEvent, WireReply } from "./protocol.ts";
import { contentText, countOf, listOf, objectOf, schemaOf, textOf } from "./read-json.ts";

/** What Anthropic speaks. */
export const messages: Protocol = {
  name: "messages",
  read: (body) => {
    const { type: choice, name: chosen } = objectOf(body["tool_choice"]);
    const format = objectOf(objectOf(body["output_config"])["format"] ?? body["output_format"]);
    const system = contentText(body["system"]);
    return {
      model: textOf(body["model"]),
      messages: [
        ...(system === "" ? [] : [{ role: "system", text: system }]),
        ...listOf(body["messages"]).map((message) => {
          const { role, content } = objectOf(message);
          return { role: textOf(role), text: contentText(content) };
        }),
      ],
      schema: schemaOf(format["schema"]),
      tools: listOf(body["tools"]).map((tool) => {
        const { name, input_schema: schema } = objectOf(tool);
        return { name: textOf(name), schema: schemaOf(schema) };
      }),
      toolChoice:
        choice === "any"
          ? "required"
          : choice === "none"
            ? "none"
            : choice === "tool"
              ? { name: textOf(chosen) }
              : "auto",
      maxOutputTokens: countOf(body["max_tokens"]),
      isStreamed: body["stream"] === true,
    };
  },
  whole: (reply) => ({
    ...frame(reply),
    content: blocksOf(reply),
    stop_reason: stopOf(reply),
    stop_sequence: null,
    usage: { input_tokens: reply.inputTokens, output_tokens: reply.outputTokens, simulated: true },
  }),
  events: eventsOf,
  failure: ({ words, type }) => ({ type: "error", error: { type, message: words } }),
  errorEvent: ({ words, type }) => ({
    name: "error",
    data: JSON.stringify({ type: "error", error: { type, message: words } }),
  }),
};

function* eventsOf(reply: WireReply): Generator<WireEvent> {
  const event = (type: string, more: object): WireEvent => ({
    name: type,
    data: JSON.stringify({ type, ...more }),
  });
  const usage = { input_tokens: reply.inputTokens, output_tokens: 1 };
  const message = { ...frame(reply), content: [], stop_reason: null, stop_sequence: null, usage };
  yield event("message_start", { message });
  yield event("ping", {});
  for (const [index, block] of blocksOf(reply).entries()) {
    const isText = block.type === "text";
    yield event("content_block_start", {
      index,
      content_block: isText ? { type: "text", text: "" } : { ...block, input: {} },
    });
    const pieces = piecesOf(isText ? block.text : JSON.stringify(block.input));
    for (const piece of pieces) {
      const delta = isText
        ? { type: "text_delta", text: piece }
        : { type: "input_json_delta", partial_json: piece };
      yield event("content_block_delta", { index, delta });
    }
    yield event("content_block_stop", { index });
  }
  yield {
    ...event("message_delta", {
      delta: { stop_reason: stopOf(reply), stop_sequence: null },
      usage: { output_tokens: reply.outputTokens, simulated: true },
    }),
    isEnd: true,
  };
  yield event("message_stop", {});
}

function frame({ id, model }: WireReply): object {
  return { id, type: "message", role: "assistant", model };
}

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

function blocksOf({ text, toolCalls }: WireReply): readonly Block[] {
  const calls = toolCalls.map((call) => ({ type: "tool_use" as const, ...call }));
  return text === "" && calls.length > 0 ? calls : [{ type: "text", text }, ...calls];
}

function stopOf({ finishReason }: WireReply): string {
  const names = {
    stop: "end_turn",
    length: "max_tokens",
    "tool-calls": "tool_use",
    "content-filter": "refusal",
  };
  return names[finishReason];
}
