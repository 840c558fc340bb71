import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";

/** What a scripted model answers to one call. */
export interface ScriptedReply {
  readonly text?: string;
  readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly input: unknown }[];
  readonly finish?: "stop" | "length" | "content-filter" | "tool-calls" | "other";
}

export type Reply =
  | string
  | ScriptedReply
  | Error
  | ((options: LanguageModelV4CallOptions) => string | ScriptedReply | Promise<string | ScriptedReply>);

export type ScriptedModel = LanguageModelV4 & { readonly requests: readonly LanguageModelV4CallOptions[] };

/** Tokens that each of its calls uses. */
export const usedTokens = { input: 10, output: 5 };

/** For tests, and not published: a model that answers what is written, one reply a call, the last one over and over when it is a function. */
export function scriptedModel(replies: readonly Reply[], provider = "scripted"): ScriptedModel {
  const requests: LanguageModelV4CallOptions[] = [];
  const next = async (options: LanguageModelV4CallOptions): Promise<ScriptedReply> => {
    requests.push(options);
    const last = replies.at(-1);
    const reply = replies[requests.length - 1] ?? (typeof last === "function" ? last : undefined);
    if (reply === undefined) throw new Error(`call ${requests.length} was not expected`);
    if (reply instanceof Error) throw reply;
    const given = typeof reply === "function" ? await reply(options) : reply;
    return typeof given === "string" ? { text: given } : given;
  };
  const { input, output } = usedTokens;
  const usage = {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
  const finishOf = ({ finish = "stop" }: ScriptedReply) => ({ unified: finish, raw: finish });
  return {
    specificationVersion: "v4",
    provider,
    modelId: "m",
    supportedUrls: {},
    requests,
    doGenerate: async (options) => {
      const reply = await next(options);
      return { content: contentOf(reply), finishReason: finishOf(reply), usage, warnings: [] };
    },
    doStream: async (options) => {
      const reply = await next(options);
      const parts: LanguageModelV4StreamPart[] = [{ type: "stream-start", warnings: [] }];
      for (const part of contentOf(reply)) {
        if (part.type !== "text") parts.push(part as LanguageModelV4StreamPart);
        else
          for (const delta of part.text.match(/[\s\S]{1,4}/gu) ?? [])
            parts.push({ type: "text-delta", id: "0", delta });
      }
      parts.push({ type: "finish", usage, finishReason: finishOf(reply) });
      return { stream: ReadableStream.from(parts) };
    },
  };
}

function contentOf({ text, toolCalls = [] }: ScriptedReply): LanguageModelV4Content[] {
  return [
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...toolCalls.map(({ id = "call", name, input }) => ({
      type: "tool-call" as const,
      toolCallId: id,
      toolName: name,
      input: typeof input === "string" ? input : JSON.stringify(input),
    })),
  ];
}
