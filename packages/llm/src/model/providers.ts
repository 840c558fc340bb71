import { configError } from "@atomic-agents/core";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { boundedFetch } from "./bounded-fetch.ts";
import { type Endpoint, revealHeaders, revealKey } from "./endpoint.ts";

/** Makes models of one provider. Its package is loaded when the first is asked for: each takes some 70 ms. */
interface Provider {
  readonly load: (settings: ProviderSettings) => Promise<(modelId: string) => LanguageModelV4>;
}

interface ProviderSettings {
  readonly apiKey: string;
  readonly baseURL?: string;
  readonly headers?: Record<string, string>;
  readonly fetch: typeof globalThis.fetch;
}

/** Where the keys of providers are unless they are given, by the providers' names. */
export const keyVariables = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  groq: "GROQ_API_KEY",
} as const;

/** The providers whose protocols are spoken, by the first part of a model's id. */
export const providers: Readonly<Record<ProviderName, Provider>> = {
  openai: {
    load: async (settings) => {
      const { createOpenAI } = await import("@ai-sdk/openai");
      return createOpenAI(settings);
    },
  },
  anthropic: {
    load: async (settings) => {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return createAnthropic(settings);
    },
  },
  groq: {
    load: async (settings) => {
      const { createGroq } = await import("@ai-sdk/groq");
      return createGroq(settings);
    },
  },
};

/** The names of the providers. */
export type ProviderName = keyof typeof keyVariables;

/** Says whether a provider of this name is known. */
export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(providers, name);
}

/** A model of a provider. @throws AtomicError `CONFIG` without a key */
export async function providerModel(
  name: ProviderName,
  modelId: string,
  endpoint: Endpoint,
): Promise<LanguageModelV4> {
  const { load } = providers[name];
  const keyVariable = keyVariables[name];
  const apiKey = revealKey(name, endpoint.apiKey, keyVariable);
  if (apiKey === undefined) {
    throw configError(
      `Model "${name}/${modelId}"`,
      "its key",
      `in the environment variable ${keyVariable}`,
      undefined,
      `Set ${keyVariable}, or try without a provider: the model "simulated" answers offline.`,
    );
  }
  const { baseUrl, headers } = endpoint;
  const make = await load({
    apiKey,
    fetch: boundedFetch,
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
    ...(headers === undefined ? {} : { headers: revealHeaders(headers) }),
  });
  return make(modelId);
}
