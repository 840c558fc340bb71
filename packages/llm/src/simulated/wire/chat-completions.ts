import { piecesOf } from "../pieces-of.ts";
import type { Protocol, WireEvent, WireReply } from "./protocol.ts";
import { contentText, countOf, listOf, objectOf, schemaOf, textOf } from "./read-json.ts";

/** What OpenAI spoke first, and most servers of models speak: Groq, Ollama, vLLM. */
export const chatCompletions: Protocol = {
  name: "chat-completions",
  read: (body) => {
    const chosen = objectOf(body["tool_choice"]);
    const choice = textOf(body["tool_choice"]);
    return {
      model: textOf(body["model"]),
      messages: listOf(body["messages"]).map((message) => {
        const { role, content, tool_calls: calls } = objectOf(message);
        const text = contentText(content) + (calls === undefined ? "" : JSON.stringify(calls));
        return { role: textOf(role), text };
      }),
      schema: schemaOf(objectOf(objectOf(body["response_format"])["json_schema"])["schema"]),
      tools: listOf(body["tools"]).map((tool) => {
        const { name, parameters } = objectOf(objectOf(tool)["function"]);
        return { name: textOf(name), schema: schemaOf(parameters) };
      }),
      toolChoice:
        choice === "required" || choice === "none"
          ? choice
          : "function" in chosen
            ? { name: textOf(objectOf(chosen["function"])["name"]) }
            : "auto",
      maxOutputTokens: countOf(body["max_completion_tokens"] ?? body["max_tokens"]),
      isStreamed: body["stream"] === true,
    };
  },
  whole: (reply) => ({
    ...frame(reply, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: reply.text === "" && reply.toolCalls.length > 0 ? null : reply.text,
          ...(reply.toolCalls.length === 0 ? {} : { tool_calls: reply.toolCalls.map(callOf) }),
        },
        logprobs: null,
        finish_reason: finishOf(reply),
      },
    ],
    usage: usageOf(reply),
  }),
  events: eventsOf,
  failure: ({ words, code, type }) => ({ error: { message: words, type, param: null, code } }),
  errorEvent: ({ words, code, type }) => ({
    data: JSON.stringify({ error: { message: words, type, param: null, code } }),
  }),
};

function* eventsOf(reply: WireReply): Generator<WireEvent> {
  const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
    JSON.stringify({
      ...frame(reply, "chat.completion.chunk"),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...more,
    });
  yield { data: chunk({ role: "assistant", content: "" }) };
  for (const content of piecesOf(reply.text)) yield { data: chunk({ content }) };
  for (const [index, call] of reply.toolCalls.map(callOf).entries()) {
    const { name, arguments: input } = call.function;
    yield { data: chunk({ tool_calls: [{ ...call, index, function: { name, arguments: "" } }] }) };
    for (const piece of piecesOf(input)) {
      yield { data: chunk({ tool_calls: [{ index, function: { arguments: piece } }] }) };
    }
  }
  // Groq tells the usage with the last part of the answer, OpenAI after it, when it is asked to.
  const usage = usageOf(reply);
  yield { data: chunk({}, finishOf(reply), { x_groq: { id: reply.id, usage } }), isEnd: true };
  if (objectOf(reply.body["stream_options"])["include_usage"] === true) {
    yield { data: JSON.stringify({ ...frame(reply, "chat.completion.chunk"), choices: [], usage }) };
  }
  yield { data: "[DONE]" };
}

function frame({ id, model, createdAtSeconds }: WireReply, object: string): object {
  return { id, object, created: createdAtSeconds, model, system_fingerprint: "simulated" };
}

function callOf({ id, name, input }: WireReply["toolCalls"][number]) {
  return { id, type: "function" as const, function: { name, arguments: JSON.stringify(input) } };
}

function finishOf({ finishReason }: WireReply): string {
  return finishReason.replace("-", "_");
}

function usageOf({ inputTokens, outputTokens }: WireReply): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
    simulated: true,
  };
}
