import { piecesOf } from "../pieces-of.ts";
import type { Protocol, WireEvent, WireReply } from "./protocol.ts";
import { contentText, countOf, listOf, objectOf, schemaOf, textOf } from "./read-json.ts";

/** What OpenAI speaks now. */
export const responses: Protocol = {
  name: "responses",
  read: (body) => {
    const { input, instructions } = body;
    const chosen = objectOf(body["tool_choice"]);
    const choice = textOf(body["tool_choice"]);
    const items = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input);
    const format = objectOf(objectOf(body["text"])["format"]);
    return {
      model: textOf(body["model"]),
      messages: [
        ...(typeof instructions === "string" ? [{ role: "system", text: instructions }] : []),
        ...items.map((item) => {
          const { role, content, ...others } = objectOf(item);
          return typeof role === "string"
            ? { role, text: contentText(content) }
            : { role: "tool", text: JSON.stringify(others) };
        }),
      ],
      schema: format["type"] === "json_schema" ? schemaOf(format["schema"]) : undefined,
      tools: listOf(body["tools"]).map((tool) => {
        const { name, parameters } = objectOf(tool);
        return { name: textOf(name), schema: schemaOf(parameters) };
      }),
      toolChoice:
        choice === "required" || choice === "none"
          ? choice
          : chosen["type"] === "function"
            ? { name: textOf(chosen["name"]) }
            : "auto",
      maxOutputTokens: countOf(body["max_output_tokens"]),
      isStreamed: body["stream"] === true,
    };
  },
  whole: (reply) => ended(reply),
  events: eventsOf,
  failure: ({ words, code, type }) => ({ error: { message: words, type, param: null, code } }),
  errorEvent: ({ words, code, type }) => {
    const event = { type: "error", sequence_number: 0, error: { type, code, message: words, param: null } };
    return { name: "error", data: JSON.stringify(event) };
  },
};

function* eventsOf(reply: WireReply): Generator<WireEvent> {
  let number = 0;
  const event = (type: string, more: object): WireEvent => ({
    name: type,
    data: JSON.stringify({ type, sequence_number: number++, ...more }),
  });
  const begun = { ...frame(reply), status: "in_progress", output: [], usage: null, incomplete_details: null };
  yield event("response.created", { response: begun });
  yield event("response.in_progress", { response: begun });
  const items = outputOf(reply);
  for (const [index, item] of items.entries()) {
    const at = { output_index: index, item_id: item.id };
    if (item.type === "message") {
      const part = { ...at, content_index: 0 };
      yield event("response.output_item.added", {
        output_index: index,
        item: { ...item, status: "in_progress", content: [] },
      });
      yield event("response.content_part.added", {
        ...part,
        part: { type: "output_text", text: "", annotations: [] },
      });
      for (const delta of piecesOf(reply.text)) yield event("response.output_text.delta", { ...part, delta });
      yield event("response.output_text.done", { ...part, text: reply.text });
      yield event("response.content_part.done", { ...part, part: item.content[0] });
    } else {
      yield event("response.output_item.added", {
        output_index: index,
        item: { ...item, status: "in_progress", arguments: "" },
      });
      for (const delta of piecesOf(item.arguments)) {
        yield event("response.function_call_arguments.delta", { ...at, delta });
      }
      yield event("response.function_call_arguments.done", { ...at, arguments: item.arguments });
    }
    yield event("response.output_item.done", { output_index: index, item });
  }
  const type = isIncomplete(reply) ? "response.incomplete" : "response.completed";
  yield { ...event(type, { response: ended(reply) }), isEnd: true };
}

function frame({ id, model, createdAtSeconds }: WireReply): object {
  return {
    id,
    object: "response",
    created_at: createdAtSeconds,
    model,
    error: null,
    metadata: { simulated: "true" },
  };
}

function ended(reply: WireReply): object {
  const { finishReason, inputTokens, outputTokens } = reply;
  const reason = finishReason === "length" ? "max_output_tokens" : "content_filter";
  return {
    ...frame(reply),
    status: isIncomplete(reply) ? "incomplete" : "completed",
    incomplete_details: isIncomplete(reply) ? { reason } : null,
    output: outputOf(reply),
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
      simulated: true,
    },
  };
}

function isIncomplete({ finishReason }: WireReply): boolean {
  return finishReason === "length" || finishReason === "content-filter";
}

function outputOf({ id, text, toolCalls }: WireReply) {
  const message = {
    type: "message" as const,
    id: `${id}-message`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
  const calls = toolCalls.map((call) => ({
    type: "function_call" as const,
    id: `${call.id}-item`,
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.input),
    status: "completed",
  }));
  return text === "" && calls.length > 0 ? calls : [message, ...calls];
}
