import type { LanguageModelV4 } from "@ai-sdk/provider";
import { checkText } from "../check-text.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { checkEndpoint, type Endpoint, revealHeaders, revealKey } from "./endpoint.ts";

/** A model behind a server that speaks OpenAI's chat completions: Ollama, vLLM, llama.cpp, LM Studio. */
export interface OpenAiCompatibleOptions extends Endpoint {
  /** Up to and with the version: `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  /** The model's name on that server. */
  readonly model: string;
  /** What the server is called in reports and errors; `openai-compatible`. */
  readonly name?: string | undefined;
}

/**
 * Makes a model object for any server that speaks OpenAI's chat completions. Nothing is sent before it is called.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const qwen = await openAiCompatible({ baseUrl: "http://localhost:11434/v1", model: "qwen3:4b" });
 * console.log(qwen.modelId); // => qwen3:4b
 * ```
 */
export async function openAiCompatible(options: OpenAiCompatibleOptions): Promise<LanguageModelV4> {
  const { model, name = "openai-compatible", ...endpoint } = options;
  checkEndpoint("openAiCompatible", endpoint);
  checkText("openAiCompatible", "model", model);
  checkText("openAiCompatible", "name", name);
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
  const apiKey = revealKey(name, endpoint.apiKey, undefined);
  return createOpenAICompatible({
    name,
    baseURL: endpoint.baseUrl,
    includeUsage: true,
    fetch: boundedFetch,
    // Unless this is said, a schema is dropped without a word.
    supportsStructuredOutputs: endpoint.supportsSchema ?? true,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(endpoint.headers === undefined ? {} : { headers: revealHeaders(endpoint.headers) }),
  })(model);
}
