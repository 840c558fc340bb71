import { checkKeys, configError, type Context, type MaybePromise } from "@atomic-agents/core";
import {
  type PromptProvider,
  promptProvider,
  type PromptRequest,
  providerKeys,
  type ProviderOptions,
} from "./prompt-provider.ts";

/** Policies, or a function that knows those which hold for this run. */
export type PolicyTexts =
  | readonly string[]
  | ((ctx: Context, request: PromptRequest) => MaybePromise<readonly string[]>);

/**
 * Tells the model rules of the house, numbered, for answers to go by. They are data like all that providers give; what
 * the model must do belongs into the prompt's own output instructions.
 *
 * @throws AtomicError `CONFIG` for what is neither texts nor a function, and for wrong options
 * @example
 * ```ts
 * const provider = policies(["Refunds within 30 days.", "No discounts on gift cards."]);
 * console.log(provider.name, provider.title); // => policies Policies
 * ```
 */
export function policies(texts: PolicyTexts, options: ProviderOptions = {}): PromptProvider {
  const what = "policies";
  checkKeys(what, options, providerKeys);
  if (typeof texts !== "function") checkTexts(texts);
  const { name = "policies", title = "Policies", ...others } = options;
  const given = typeof texts === "function" ? texts : [...texts];
  const info: PromptProvider["info"] = async (ctx, request) => {
    const known = typeof given === "function" ? await given(ctx, request) : given;
    checkTexts(known);
    return known.map((text, index) => `${index + 1}. ${text}`).join("\n");
  };
  return promptProvider({ ...others, name, title, info });
}

function checkTexts(texts: readonly string[]): void {
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== "string")) {
    throw configError("policies", "texts", "an array of texts, or a function that gives one", texts);
  }
}
