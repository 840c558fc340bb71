import { checkCount, checkKeys, configError, type Context, type MaybePromise } from "@atomic-agents/core";
import { contentParts } from "../history/content-parts.ts";
import {
  type PromptProvider,
  promptProvider,
  type PromptRequest,
  providerKeys,
  type ProviderOptions,
} from "./prompt-provider.ts";
import { recordLines } from "./record-lines.ts";

/** A passage that a search found: its text, or the text with where it is from. */
export type Passage = string | { readonly text: string; readonly source?: string | undefined };

/** Finds passages, best first: a search engine, a vector store, anything. `ctx.signal` aborts when nobody waits. */
export type SearchPassages = (
  query: string,
  options: { readonly limit: number; readonly ctx: Context },
) => MaybePromise<readonly Passage[]>;

/** What `retrievedPassages` is told. */
export interface RetrievedPassagesOptions extends ProviderOptions {
  readonly search: SearchPassages;
  /** What to search for; nothing is searched for an empty text. The agent's input as text unless said otherwise. */
  readonly query?: ((request: PromptRequest, ctx: Context) => MaybePromise<string | undefined>) | undefined;
  /** The most passages; 5 unless said otherwise. */
  readonly limit?: number | undefined;
}

/** What of an input a search is given. */
const maxQueryChars = 2_000;

/**
 * Gives the model passages that a search finds for the agent's input, as JSON, one a line, with their sources. Each is
 * cut at its part of `maxChars`, so that a long one leaves room for the others.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const texts = ["Tea is grown in Assam.", "Coffee is grown in Kenya."];
 * const provider = retrievedPassages({
 *   search: (query) => texts.filter((text) => text.includes(query)),
 *   limit: 3,
 * });
 * console.log(provider.name, provider.title); // => retrieved-passages Retrieved passages
 * ```
 */
export function retrievedPassages(options: RetrievedPassagesOptions): PromptProvider {
  const what = "retrievedPassages";
  checkKeys(what, options, [...providerKeys, "search", "query", "limit"]);
  const {
    search,
    query = queryOf,
    limit = 5,
    name = "retrieved-passages",
    title = "Retrieved passages",
    maxChars = 20_000,
    ...others
  } = options;
  checkCount(what, "limit", limit);
  if (typeof search !== "function") throw configError(what, "search", "a function", search);
  if (typeof query !== "function") throw configError(what, "query", "a function", query);
  const info: PromptProvider["info"] = async (ctx, request) => {
    const wanted = await query(request, ctx);
    if (wanted === undefined || wanted.trim() === "") return "";
    const passages = await search(wanted, { limit, ctx });
    if (!Array.isArray(passages))
      throw configError(what, "search", "a function that gives an array", passages);
    const shown = (passages as readonly Passage[]).slice(0, limit);
    return linesOf(what, shown, maxChars);
  };
  return promptProvider({ ...others, name, title, maxChars, info });
}

/** The input as text, without media. */
function queryOf({ input }: PromptRequest): string {
  return (contentParts(input).text ?? "").slice(0, maxQueryChars);
}

function linesOf(what: string, passages: readonly Passage[], maxChars: number): string {
  // What JSON puts around a passage, and where it is from.
  const room = Math.max(1, Math.floor(maxChars / passages.length) - 100);
  return recordLines(
    passages.map((passage, index) => {
      const { text, source } = typeof passage === "string" ? { text: passage, source: undefined } : passage;
      if (typeof text !== "string") throw configError(what, "text", "a text, of each passage", text);
      const cut = text.length > room ? `${text.slice(0, room)}…` : text;
      return { passage: index + 1, ...(source !== undefined && { source: source.slice(0, 200) }), text: cut };
    }),
  );
}
