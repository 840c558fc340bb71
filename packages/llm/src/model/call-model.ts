import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4ReasoningPart,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import { AtomicError, type Context } from "@atomic-agents/core";
import type { ToolCall } from "../history/message.ts";
import { type CallDeadlines, CallWatch } from "./call-deadlines.ts";
import {
  callOptionsOf,
  type FinishReason,
  type ModelAnswer,
  type ModelRequest,
  type Thoughts,
} from "./model-request.ts";
import { readUsage } from "./read-usage.ts";
import type { ResolvedModel } from "./resolved-model.ts";

/** No answer of a model is longer; a server that sends without end is hung up on. */
const maxAnswerChars = 4_000_000;

/** What has come of an answer so far; the caller looks into it when a call fails, for what it may have cost. */
export interface Received {
  text: string;
  /** What else has come, which costs as much: thoughts, and arguments of tools. */
  besides: string;
}

/**
 * Calls a model once. Neither tries again nor reads the answer.
 *
 * @throws whatever the model throws; AtomicError `TIMEOUT` for a deadline that passed
 */
export async function callModel(
  { id, model }: ResolvedModel,
  request: ModelRequest,
  ctx: Context,
  deadlines: CallDeadlines,
  received: Received,
): Promise<ModelAnswer> {
  const watch = new CallWatch(id, ctx, deadlines, request.onText !== undefined);
  const options = callOptionsOf(request, watch.signal);
  const draft = new Draft(request, received);
  try {
    if (request.onText === undefined) {
      const whole = await Promise.race([model.doGenerate(options), watch.ended]);
      for (const part of whole.content) draft.takeContent(part);
      draft.finish(whole.finishReason, whole.usage);
      return draft.answer(whole.response?.modelId ?? model.modelId);
    }
    const { stream } = await Promise.race([model.doStream(options), watch.ended]);
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await Promise.race([reader.read(), watch.ended]);
        if (done) break;
        if (draft.takePart(value)) watch.heard();
        else if (value.type === "reasoning-start") watch.thinks();
      }
    } finally {
      // Hangs up when it was left in the middle. The promise may stay pending where a server does not answer.
      reader.cancel().catch(() => undefined);
    }
    if (!draft.isFinished) throw cutShort(id);
    return draft.answer(draft.modelId ?? model.modelId);
  } catch (thrown) {
    // What a provider makes of an aborted signal says less than why it was aborted.
    const why: unknown = watch.signal.aborted ? watch.signal.reason : thrown;
    watch.abort();
    throw why;
  } finally {
    watch.end();
  }
}

/** Puts an answer together from its parts. */
class Draft {
  isFinished = false;
  modelId: string | undefined;
  readonly #request: ModelRequest;
  readonly #received: Received;
  readonly #toolCalls: ToolCall[] = [];
  readonly #reasoning = new Map<string, LanguageModelV4ReasoningPart>();
  readonly #ofCalls = new Map<string, SharedV4ProviderMetadata>();
  /** The calls whose arguments have come in parts, too. */
  readonly #inParts = new Set<string>();
  #finishReason: FinishReason = "other";
  #usage: LanguageModelV4Usage | undefined;

  constructor(request: ModelRequest, received: Received) {
    this.#request = request;
    this.#received = received;
  }

  /** Takes a part of a stream, and says whether it tells anything. @throws what an error part holds */
  takePart(part: LanguageModelV4StreamPart): boolean {
    switch (part.type) {
      case "text-delta":
        this.#addText(part.delta);
        if (part.delta !== "") this.#request.onText?.(this.#received.text);
        return part.delta !== "";
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end":
        this.#addReasoning(part.id, part.type === "reasoning-delta" ? part.delta : "", part.providerMetadata);
        return part.type !== "reasoning-start";
      case "tool-input-start":
        return true;
      case "tool-input-delta":
        this.#inParts.add(part.id);
        this.#addBesides(part.delta);
        return true;
      case "tool-call":
        this.takeContent(part);
        return true;
      case "response-metadata":
        this.modelId = part.modelId ?? this.modelId;
        return false;
      case "error":
        throw part.error;
      case "finish":
        // A connection that ended is told as the end of an answer; without a reason of the server's it is none.
        this.isFinished =
          part.finishReason.unified !== "interrupted" &&
          !(part.finishReason.unified === "other" && part.finishReason.raw === undefined);
        this.finish(part.finishReason, part.usage);
        return false;
      default:
        return false;
    }
  }

  takeContent(part: LanguageModelV4Content): void {
    if (part.type === "text") this.#addText(part.text);
    else if (part.type === "reasoning") {
      this.#addReasoning(`${this.#reasoning.size}`, part.text, part.providerMetadata);
    } else if (part.type === "tool-call") {
      if (part.providerMetadata !== undefined) this.#ofCalls.set(part.toolCallId, part.providerMetadata);
      // Models of others' making may have read them already.
      const written: unknown = part.input;
      const isText = typeof written === "string";
      if (isText && !this.#inParts.has(part.toolCallId)) this.#addBesides(written);
      const input = isText ? argumentsOf(written) : written;
      this.#toolCalls.push({ id: part.toolCallId, name: part.toolName, input });
    }
  }

  finish(reason: LanguageModelV4FinishReason | undefined, usage: LanguageModelV4Usage): void {
    // Models of others' making may say less than they should.
    const { unified } = reason ?? { unified: "other" };
    this.#finishReason = unified === "error" || unified === "interrupted" ? "other" : unified;
    this.#usage = usage;
  }

  answer(model: string): ModelAnswer {
    const { text, besides } = this.#received;
    const usage = readUsage(this.#usage, this.#request, text + besides);
    return {
      text,
      toolCalls: this.#toolCalls,
      finishReason: this.#finishReason,
      usage,
      model,
      thoughts: this.#thoughts(),
    };
  }

  #thoughts(): Thoughts | undefined {
    if (this.#toolCalls.length === 0 || this.#reasoning.size + this.#ofCalls.size === 0) return undefined;
    return { reasoning: [...this.#reasoning.values()], ofCalls: this.#ofCalls };
  }

  /** The last that a provider tells about a part is what it wants to see again, such as its signature. */
  #addReasoning(id: string, text: string, metadata: SharedV4ProviderMetadata | undefined): void {
    const before = this.#reasoning.get(id);
    const providerOptions = metadata ?? before?.providerOptions;
    const part = { type: "reasoning" as const, text: `${before?.text ?? ""}${text}` };
    this.#addBesides(text);
    this.#reasoning.set(id, providerOptions === undefined ? part : { ...part, providerOptions });
  }

  #checkLength(chars: number): void {
    if (chars <= maxAnswerChars) return;
    throw new AtomicError("EXECUTION", `A model's answer is longer than ${maxAnswerChars} characters`, {
      details: { thrown: "answer too long" },
      retryable: false,
      hint: "Limit it by settings.maxOutputTokens.",
    });
  }

  #addBesides(text: string): void {
    this.#checkLength(this.#received.besides.length + text.length);
    this.#received.besides += text;
  }

  #addText(text: unknown): void {
    if (typeof text !== "string") throw new Error(`A part of an answer is no text, but ${typeof text}`);
    this.#checkLength(this.#received.text.length + text.length);
    this.#received.text += text;
  }
}

/** The arguments of a tool call; what is no JSON stays text, for the tool's schema to refuse. */
function argumentsOf(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function cutShort(modelId: string): AtomicError {
  return new AtomicError("EXECUTION", `Model "${modelId}" hung up in the middle of its answer`, {
    details: { thrown: "the answer was cut short" },
    hint: "Such failures mostly pass: try again, or name a second model.",
  });
}
