import { checkKeys, configError, type Context, type MaybePromise } from "@atomic-agents/core";
import { contentParts } from "../history/content-parts.ts";
import { oneLine } from "./data-block.ts";
import {
  type PromptProvider,
  promptProvider,
  type PromptRequest,
  providerKeys,
  type ProviderOptions,
} from "./prompt-provider.ts";

/** Facts by name. */
export type Facts = Readonly<Record<string, unknown>>;

/** What `projectFacts` is told. */
export interface ProjectFactsOptions extends ProviderOptions {
  /** The facts, or a function that knows them. */
  readonly facts: Facts | ((ctx: Context, request: PromptRequest) => MaybePromise<Facts>);
}

/**
 * Tells the model facts, a line each. What is no text is shown as JSON.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const provider = projectFacts({ facts: { customer: "Northwind", regions: ["north", "west"] } });
 * console.log(provider.name, provider.title); // => project-facts Project facts
 * ```
 */
export function projectFacts(options: ProjectFactsOptions): PromptProvider {
  const what = "projectFacts";
  checkKeys(what, options, [...providerKeys, "facts"]);
  const { facts, name = "project-facts", title = "Project facts", ...others } = options;
  if ((typeof facts !== "object" && typeof facts !== "function") || facts === null || Array.isArray(facts)) {
    throw configError(what, "facts", "an object, or a function that gives one", facts);
  }
  const textOf = (known: Facts): string => Object.entries(known).map(factLine).join("\n");
  const info: PromptProvider["info"] = async (ctx, request) =>
    textOf(typeof facts === "function" ? await facts(ctx, request) : facts);
  return promptProvider({ ...others, name, title, info });
}

function factLine([name, value]: readonly [string, unknown]): string {
  const { text = "" } = contentParts(value);
  // A text of several lines would look like several facts.
  return `- ${oneLine(name)}: ${typeof value === "string" && /[\r\n\u2028\u2029]/.test(value) ? JSON.stringify(value) : text}`;
}
