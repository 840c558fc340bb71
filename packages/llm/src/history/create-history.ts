import { checkCount, checkKeys, configError } from "@atomic-agents/core";
import type { EstimateTokens } from "../tokens/estimate.ts";
import { estimateTokens } from "../tokens/estimate-tokens.ts";
import { checkMessages } from "./check-messages.ts";
import type { History } from "./history.ts";
import type { Message } from "./message.ts";
import { turnOf } from "./snapshot.ts";
import { type HistorySettings, TurnHistory } from "./turn-history.ts";

/** How a history begins, and how large it may become. */
export interface HistoryOptions {
  /** The most turns; the oldest go. With 0 nothing is remembered. */
  readonly maxTurns?: number | undefined;
  /** The most tokens, as `estimate` counts them; the oldest turns go, whole. */
  readonly maxTokens?: number | undefined;
  /** The turns that it begins with and `reset` goes back to: each an array of messages, with the ids `initial-1` and on. */
  readonly initial?: readonly (readonly Message[])[] | undefined;
  /** How tokens are counted; `estimateTokens` unless said otherwise. */
  readonly estimate?: EstimateTokens | undefined;
  /** Makes the ids of turns; random UUIDs unless said otherwise. */
  readonly newId?: (() => string) | undefined;
}

/** The options besides `initial`. */
export const settingKeys = ["maxTurns", "maxTokens", "estimate", "newId"] as const;

/**
 * Makes a history in memory.
 *
 * @throws AtomicError `CONFIG` for wrong options
 * @example
 * ```ts
 * const history = createHistory({ maxTurns: 2 });
 * for (const question of ["one", "two", "three"]) {
 *   history.add([{ role: "user", content: question }, { role: "assistant", content: "…" }], question);
 * }
 * console.log(history.turns.map(({ id }) => id), history.messages.length); // => [ 'two', 'three' ] 4
 * ```
 */
export function createHistory(options: HistoryOptions = {}): History {
  const what = "createHistory";
  checkKeys(what, options, [...settingKeys, "initial"]);
  const { initial = [] } = options;
  if (!Array.isArray(initial)) throw configError(what, "initial", "an array of turns", initial);
  const turns = initial.map((messages: readonly Message[], index) => {
    checkMessages(`${what}, initial[${index}]`, messages);
    return turnOf(`initial-${index + 1}`, messages);
  });
  return new TurnHistory(historySettings(what, options), Object.freeze(turns));
}

/** Checks settings and fills in what is absent. @throws AtomicError `CONFIG` */
export function historySettings(what: string, options: HistoryOptions): HistorySettings {
  const {
    maxTurns,
    maxTokens,
    estimate = estimateTokens,
    newId = () => globalThis.crypto.randomUUID(),
  } = options;
  checkCount(what, "maxTurns", maxTurns, 0);
  checkCount(what, "maxTokens", maxTokens, 0);
  if (typeof estimate !== "function") throw configError(what, "estimate", "a function", estimate);
  if (typeof newId !== "function") throw configError(what, "newId", "a function", newId);
  return { maxTurns, maxTokens, estimate, newId };
}
