import {
  checkCount,
  checkKeys,
  checkMs,
  configError,
  type Context,
  type MaybePromise,
} from "@atomic-agents/core";
import { checkText } from "../check-text.ts";
import { oneLine } from "./data-block.ts";

/** What a provider is asked for. */
export interface PromptRequest {
  /** The agent's input; undefined when a prompt is made without one. */
  readonly input?: unknown;
}

/** Gives a part of the system prompt that is made anew for each run: facts, passages, the time. */
export interface PromptProvider {
  /** By which it is registered and found. */
  readonly name: string;
  /** Its heading in the prompt, one line. */
  readonly title: string;
  /**
   * What there is to know; an empty text when there is nothing. Providers are asked at the same time. `ctx.signal` aborts
   * when nobody waits any more.
   */
  readonly info: (ctx: Context, request: PromptRequest) => MaybePromise<string>;
  /** The most characters that are shown, 20,000 unless said otherwise. That a text was cut is told. */
  readonly maxChars?: number | undefined;
  /** The most that `info` may take, 10,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined;
}

/** What all providers can be told. */
export interface ProviderOptions {
  /** A name of one's own, for instance to have two of a kind. */
  readonly name?: string | undefined;
  readonly title?: string | undefined;
  readonly maxChars?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** The keys of `ProviderOptions`. */
export const providerKeys = ["name", "title", "maxChars", "timeoutMs"] as const;

/**
 * Makes a prompt provider. Its text is data to the model, not instructions: it stands between marks that it cannot
 * close, without invisible characters, and is cut at `maxChars`.
 *
 * @throws AtomicError `CONFIG` for a missing or wrong part
 * @example
 * ```ts
 * const stock = promptProvider({
 *   name: "stock",
 *   title: "Stock",
 *   info: async (ctx) => `Apples: 3, asked by ${ctx.userId ?? "nobody"}`,
 * });
 * console.log(new PromptProviders([stock]).list().map(({ title }) => title)); // => [ 'Stock' ]
 * ```
 */
export function promptProvider(definition: PromptProvider): PromptProvider {
  checkKeys("promptProvider", definition, [...providerKeys, "info"]);
  checkProvider("promptProvider", definition);
  return Object.freeze({ ...definition });
}

/** Checks a provider of whatever make. @throws AtomicError `CONFIG` */
export function checkProvider(what: string, provider: PromptProvider): void {
  if (typeof provider !== "object" || provider === null) {
    throw configError(what, "provider", "an object with name, title and info", provider);
  }
  const { name, title, info, maxChars, timeoutMs } = provider;
  checkText(what, "name", name);
  const where = `${what} "${name}"`;
  checkText(where, "title", title);
  if (oneLine(title) !== title || title.length > 200) {
    throw configError(where, "title", "one line of at most 200 characters that can be seen", title);
  }
  if (typeof info !== "function") throw configError(where, "info", "a function", info);
  checkCount(where, "maxChars", maxChars);
  checkMs(where, "timeoutMs", timeoutMs);
}
