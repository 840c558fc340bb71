import { estimateTokens } from "../tokens/estimate-tokens.ts";
import { answerOf } from "./answer-of.ts";
import { type FaultKind, isOfAnswer } from "./faults.ts";
import { label } from "./label.ts";
import { schemaInPrompt } from "./schema-in-prompt.ts";
import { seedOf } from "./seeded-random.ts";
import type { SimulatedReply, SimulatedRequest } from "./simulated-request.ts";
import { spoilInput, spoilText } from "./spoil.ts";

/** What a simulated model answers, before it is put into a protocol. */
export interface Answer {
  readonly text: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly finishReason: "stop" | "length" | "tool-calls" | "content-filter";
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The answer to a request: the same for the same seed and request. `spoiled` says what is wrong with it, if anything. */
export function answerTo(
  asked: SimulatedRequest,
  seed: number | string,
  prescribed?: string | SimulatedReply,
  spoiled?: FaultKind,
): Answer {
  const request = { ...asked, schema: asked.schema ?? schemaInPrompt(asked) };
  const reply =
    typeof prescribed === "string" ? { text: prescribed } : (prescribed ?? ownReply(request, seed));
  const share = seedOf(`${seed} ${JSON.stringify(request.messages)}`);
  const kind = spoiled !== undefined && isOfAnswer(spoiled) ? spoiled : undefined;
  const whole = reply.text ?? "";
  const calls = (reply.toolCalls ?? []).map(({ name, input }, index) => {
    const schema = request.tools.find((tool) => tool.name === name)?.schema;
    const id = `simulated-call-${share.toString(36)}-${index}`;
    return { id, name, input: kind === undefined ? input : spoilInput(kind, input, schema) };
  });
  const limited = limitedTo(request.maxOutputTokens, whole);
  const text = kind === undefined ? limited : spoilText(kind, limited, request.schema);
  const isCut = limited.length < whole.length || kind === "length";
  const finishReason = reply.finishReason ?? (calls.length > 0 ? "tool-calls" : "stop");
  return {
    text,
    toolCalls: calls,
    finishReason: isCut ? "length" : finishReason,
    inputTokens: estimateTokens(
      JSON.stringify([
        request.messages,
        request.schema,
        request.tools.length > 0 ? request.tools : undefined,
      ]),
    ),
    outputTokens: estimateTokens(text + calls.map(({ input }) => JSON.stringify(input)).join("")),
  };
}

function ownReply(request: SimulatedRequest, seed: number | string): SimulatedReply {
  const { messages, schema, tools, toolChoice } = request;
  const asked = `${seed} ${JSON.stringify(messages)}`;
  const tool =
    toolChoice === "required"
      ? tools[seedOf(asked) % Math.max(1, tools.length)]
      : typeof toolChoice === "object"
        ? tools.find(({ name }) => name === toolChoice.name)
        : undefined;
  if (tool !== undefined) {
    const input = answerOf(tool.schema ?? { type: "object" }, seedOf(`${asked} ${tool.name}`));
    return { toolCalls: [{ name: tool.name, input }] };
  }
  if (schema !== undefined) {
    return { text: JSON.stringify(answerOf(schema, seedOf(`${asked} ${JSON.stringify(schema)}`))) };
  }
  const question = messages.findLast(({ role }) => role === "user")?.text ?? "";
  return { text: `${label} answer to: ${question.slice(0, 200)}` };
}

/** A text that is no longer than a model may answer. */
function limitedTo(maxTokens: number | undefined, text: string): string {
  let limited = text;
  while (maxTokens !== undefined && limited !== "") {
    const tokens = estimateTokens(limited);
    if (tokens <= maxTokens) break;
    limited = limited.slice(
      0,
      Math.min(limited.length - 1, Math.ceil((limited.length * maxTokens) / tokens)),
    );
  }
  return limited;
}
