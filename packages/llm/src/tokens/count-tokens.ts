import { checkCount, checkKeys, configError } from "@atomic-agents/core";
import type { JsonSchema } from "@atomic-agents/contracts";
import { contentParts } from "../history/content-parts.ts";
import type { Message } from "../history/message.ts";
import type { EstimateTokens } from "./estimate.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { tokensOfMessages } from "./tokens-of-messages.ts";

/** What a request is made of. */
export interface RequestParts {
  /** The system prompt. */
  readonly system?: string | undefined;
  /** The messages after it, the new input included. */
  readonly messages?: readonly Message[] | undefined;
  /** The definitions of tools as they go to the provider. */
  readonly tools?: readonly unknown[] | undefined;
  /** The schema of the answer. Left out where it stands in the system prompt already. */
  readonly schema?: JsonSchema | undefined;
  /** The model's id, to be told with the count. */
  readonly model: string;
  /** How many tokens the request may be. */
  readonly limit?: number | undefined;
}

/** How many tokens a request is likely to be. */
export interface TokenCount {
  /** `system + history + tools`. */
  readonly total: number;
  readonly system: number;
  readonly history: number;
  /** Tools, and the schema of the answer. */
  readonly tools: number;
  readonly model: string;
  readonly limit?: number;
  /** How much of the limit that is, from 0 to 1; more when it does not fit. */
  readonly utilization?: number;
}

/** What providers put around a request, counted with its first part that is there. */
const tokensPerRequest = 3;

/** What providers put around each message and each tool. */
const tokensPerPart = 4;

/**
 * Counts a request's tokens by estimate. The parts add up to the total.
 *
 * @throws AtomicError `CONFIG` for a model without a name, a limit that is no whole number from 1, and unknown options
 * @example
 * ```ts
 * const messages: readonly Message[] = [{ role: "user", content: "How many?" }];
 * const count = countTokens({ system: "Count.", messages, model: "m", limit: 40 }, (text) => text.length);
 * console.log(count);
 * // => { total: 26, system: 13, history: 13, tools: 0, model: 'm', limit: 40, utilization: 0.65 }
 * ```
 */
export function countTokens(request: RequestParts, estimate: EstimateTokens = estimateTokens): TokenCount {
  const what = "countTokens";
  checkKeys(what, request, ["system", "messages", "tools", "schema", "model", "limit"]);
  const { system = "", messages = [], tools = [], schema, model, limit } = request;
  if (typeof model !== "string" || model === "") throw configError(what, "model", "a model's id", model);
  checkCount(what, "limit", limit);
  const json = (value: unknown): number => tokensPerPart + estimate(contentParts(value).text ?? "");
  let toolTokens = schema === undefined ? 0 : json(schema);
  for (const tool of tools) toolTokens += json(tool);
  let systemTokens = system === "" ? 0 : tokensPerPart + estimate(system);
  let historyTokens = tokensOfMessages(messages, estimate);
  if (system !== "") systemTokens += tokensPerRequest;
  else if (messages.length > 0) historyTokens += tokensPerRequest;
  const total = systemTokens + historyTokens + toolTokens;
  return {
    total,
    system: systemTokens,
    history: historyTokens,
    tools: toolTokens,
    model,
    ...(limit !== undefined && { limit, utilization: total / limit }),
  };
}
