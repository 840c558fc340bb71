import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Content,
  type LanguageModelV4GenerateResult,
  type LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import type { JsonSchema } from "@atomic-agents/contracts";
import { checkKeys, checkMs, type Clock, sleep, systemClock } from "@atomic-agents/core";
import { type Answer, answerTo } from "./answer.ts";
import { type FaultKind, faultPicker, type Faults, isRefusal } from "./faults.ts";
import { label } from "./label.ts";
import { piecesOf } from "./pieces-of.ts";
import { refusalOf } from "./refusal-of.ts";
import type { SimulatedReply, SimulatedRequest } from "./simulated-request.ts";

/** How a simulated model answers. */
export interface SimulatedModelOptions {
  /** Other seeds, other answers; `0`. */
  readonly seed?: number | string | undefined;
  /** Gives an answer, or the text of one; undefined for one that follows from the request. */
  readonly respond?:
    | ((options: LanguageModelV4CallOptions) => string | SimulatedReply | undefined)
    | undefined;
  /** Before each answer, in milliseconds; 0. */
  readonly latencyMs?: number | undefined;
  /** What goes wrong, and how often; nothing. */
  readonly faults?: Faults | undefined;
  /** What a refusal for too many requests asks to wait; 1,000. */
  readonly retryAfterMs?: number | undefined;
  /** Before each part of an answer that is slow; 250. */
  readonly slowMs?: number | undefined;
  /** Waits go by it; the system's. */
  readonly clock?: Clock | undefined;
}

/** A model object that needs no provider, and remembers what it was asked. */
export interface SimulatedModel extends LanguageModelV4 {
  /** The last 1,000 requests, in the order in which they came. */
  readonly requests: readonly LanguageModelV4CallOptions[];
}

const maxRequests = 1_000;

/**
 * Makes a model that answers offline, by the schema that it is asked to answer in. The same request gets the same answer;
 * its texts begin with "Simulated". Of tools it calls those that it has to; `respond` can prescribe other calls.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const model = simulatedModel({ seed: 1 });
 * const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hello" }] }];
 * const { content } = await model.doGenerate({ prompt });
 * console.log(content); // => [ { type: 'text', text: 'Simulated answer to: Hello' } ]
 * ```
 */
export function simulatedModel(options: SimulatedModelOptions = {}): SimulatedModel {
  const what = "simulatedModel";
  checkKeys(what, options, ["seed", "respond", "latencyMs", "faults", "retryAfterMs", "slowMs", "clock"]);
  const {
    seed = 0,
    respond,
    latencyMs = 0,
    retryAfterMs = 1_000,
    slowMs = 250,
    clock = systemClock,
  } = options;
  for (const [path, value] of Object.entries({ latencyMs, retryAfterMs, slowMs }))
    checkMs(what, path, value, 0);
  const pick = faultPicker(what, options.faults, seed);
  const requests: LanguageModelV4CallOptions[] = [];
  const modelId = String(seed);
  let number = 0;

  const begin = async (asked: LanguageModelV4CallOptions, isStreamed: boolean) => {
    requests.push(asked);
    if (requests.length > maxRequests) requests.shift();
    const request = requestOf(asked, modelId, isStreamed);
    const fault = pick(request, ++number);
    const answer = answerTo(request, seed, respond?.(asked), fault);
    const wait = (delayMs: number) => pause(delayMs, clock, asked.abortSignal);
    await wait(latencyMs);
    if (fault !== undefined && isRefusal(fault)) throw refused(fault, retryAfterMs);
    if (fault === "hang") await forever(asked.abortSignal);
    return { answer, fault, wait };
  };

  return {
    specificationVersion: "v4",
    provider: "simulated",
    modelId,
    supportedUrls: {},
    requests,
    doGenerate: async (asked) => {
      const { answer, fault, wait } = await begin(asked, false);
      if (fault === "stall") await forever(asked.abortSignal);
      if (fault === "cut" || fault === "errorEvent") throw hungUp();
      if (fault === "slow") await wait(slowMs * piecesOf(answer.text).length);
      return { ...endOf(answer), content: contentOf(answer), warnings: [] };
    },
    doStream: async (asked) => {
      const { answer, fault, wait } = await begin(asked, true);
      const parts = partsOf(answer, fault, () => wait(fault === "slow" ? slowMs : 0), asked.abortSignal);
      return { stream: ReadableStream.from(parts) };
    },
  };
}

async function* partsOf(
  answer: Answer,
  fault: FaultKind | undefined,
  wait: () => Promise<void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: "stream-start", warnings: [] };
  yield { type: "text-start", id: "0" };
  const pieces = piecesOf(answer.text);
  const isBroken = fault === "stall" || fault === "cut" || fault === "errorEvent";
  for (const delta of isBroken ? pieces.slice(0, Math.ceil(pieces.length / 2)) : pieces) {
    await wait();
    yield { type: "text-delta", id: "0", delta };
  }
  if (fault === "stall") await forever(signal);
  if (fault === "errorEvent") yield { type: "error", error: hungUp() };
  if (isBroken) return;
  yield { type: "text-end", id: "0" };
  for (const part of contentOf({ ...answer, text: "" })) if (part.type === "tool-call") yield part;
  yield { type: "finish", ...endOf(answer) };
}

function contentOf({ text, toolCalls }: Answer): LanguageModelV4Content[] {
  const calls = toolCalls.map(({ id, name, input }) => ({
    type: "tool-call" as const,
    toolCallId: id,
    toolName: name,
    input: JSON.stringify(input),
  }));
  return text === "" && calls.length > 0 ? calls : [{ type: "text", text }, ...calls];
}

function endOf(answer: Answer): Pick<LanguageModelV4GenerateResult, "finishReason" | "usage"> {
  const { finishReason, inputTokens: input, outputTokens: output } = answer;
  return {
    finishReason: { unified: finishReason, raw: finishReason },
    usage: {
      inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: output, text: output, reasoning: 0 },
      raw: { simulated: true, inputTokens: input, outputTokens: output },
    },
  };
}

function requestOf(asked: LanguageModelV4CallOptions, model: string, isStreamed: boolean): SimulatedRequest {
  const { prompt, responseFormat, tools = [], toolChoice, maxOutputTokens } = asked;
  return {
    model,
    messages: prompt.map(({ role, content }) => ({
      role,
      text: typeof content === "string" ? content : content.map(partText).join(" "),
    })),
    // A JSON Schema to it is one of draft 7, which the generator reads too.
    schema: responseFormat?.type === "json" ? (responseFormat.schema as JsonSchema | undefined) : undefined,
    tools: tools.flatMap((tool) =>
      tool.type === "function"
        ? [{ name: tool.name, schema: tool.inputSchema as unknown as JsonSchema }]
        : [],
    ),
    toolChoice: toolChoice?.type === "tool" ? { name: toolChoice.toolName } : (toolChoice?.type ?? "auto"),
    maxOutputTokens,
    isStreamed,
  };
}

function partText(part: object): string {
  return "text" in part && typeof part.text === "string" ? part.text : JSON.stringify(part);
}

function refused(fault: FaultKind, retryAfterMs: number): APICallError {
  const { status, words, headers, code } = refusalOf(fault, retryAfterMs);
  return new APICallError({
    message: words,
    url: "simulated:",
    requestBodyValues: {},
    statusCode: status,
    responseHeaders: headers,
    responseBody: JSON.stringify({ error: { code, message: words } }),
  });
}

function hungUp(): Error {
  return new Error(`${label} hang-up in the middle of an answer`);
}

/** Waits, and throws the reason of the signal when it aborts. */
async function pause(delayMs: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  if (delayMs > 0) await sleep(delayMs, { clock, signal: signal ?? neverAborted });
}

const neverAborted = new AbortController().signal;

/** Waits until the signal aborts, and throws its reason. */
function forever(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    // The signal may carry anything as its reason; it is what who aborted wants to hear of.
    const end = () => reject(signal?.reason as Error);
    if (signal?.aborted === true) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
}
