import type { Turn } from "../history/message.ts";
import { AtomicError, checkCount, checkKeys, configError } from "@atomic-agents/core";
import type { EstimateTokens } from "./estimate.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { tokensOfTurn } from "./tokens-of-messages.ts";

/** What a request may hold, and what it holds besides the history. */
export interface TrimOptions {
  /** The most tokens of the whole request. */
  readonly maxTokens: number;
  /** What is in it anyway: system prompt, schema, tools, and the new input. */
  readonly reservedTokens: number;
  /** How tokens are counted; `estimateTokens` unless said otherwise. */
  readonly estimate?: EstimateTokens | undefined;
}

/** What is left of a history, and what went. */
export interface TrimmedTurns {
  readonly kept: readonly Turn[];
  /** Oldest first. */
  readonly dropped: readonly Turn[];
  /** Tokens of what was kept. */
  readonly tokens: number;
}

/**
 * Leaves out the oldest turns, each as a whole, until the rest and what is reserved fit together. Changes nothing: who
 * drops turns for good deletes them when the call has succeeded.
 *
 * @throws AtomicError `CONFIG` when what is reserved does not fit even alone; names both numbers
 * @example
 * ```ts
 * const history = createHistory();
 * for (const question of ["first", "second", "third"]) {
 *   history.add([{ role: "user", content: question.padEnd(96, ".") }], question);
 * }
 * const count = (text: string) => text.length;
 * const { kept, dropped, tokens } = trimTurns(history.turns, { maxTokens: 250, reservedTokens: 40, estimate: count });
 * console.log(dropped.map(({ id }) => id), kept.map(({ id }) => id), tokens);
 * // => [ 'first' ] [ 'second', 'third' ] 200
 * ```
 */
export function trimTurns(turns: readonly Turn[], options: TrimOptions): TrimmedTurns {
  const what = "trimTurns";
  checkKeys(what, options, ["maxTokens", "reservedTokens", "estimate"]);
  const { maxTokens, reservedTokens, estimate = estimateTokens } = options;
  if (maxTokens === undefined) throw configError(what, "maxTokens", "a whole number from 1", maxTokens);
  checkCount(what, "maxTokens", maxTokens);
  if (typeof reservedTokens !== "number" || !(reservedTokens >= 0)) {
    throw configError(what, "reservedTokens", "a number that is not negative", reservedTokens);
  }
  if (reservedTokens > maxTokens) throw tooLarge(maxTokens, reservedTokens);
  const room = maxTokens - reservedTokens;
  let tokens = 0;
  let first = turns.length;
  for (; first > 0; first--) {
    const turn = turns[first - 1];
    const more = turn === undefined ? 0 : tokensOfTurn(turn, estimate);
    if (tokens + more > room) break;
    tokens += more;
  }
  return { kept: turns.slice(first), dropped: turns.slice(0, first), tokens };
}

function tooLarge(maxTokens: number, reservedTokens: number): AtomicError<"CONFIG"> {
  return new AtomicError(
    "CONFIG",
    `The request does not fit into the context: system prompt, schema, tools and input are ${reservedTokens} tokens ` +
      `without any history, and at most ${maxTokens} are allowed`,
    {
      details: {
        path: "maxContextTokens",
        expected: `a number from ${reservedTokens}`,
        got: String(maxTokens),
      },
      hint: "Raise maxContextTokens as far as the model allows, or send a shorter input or system prompt.",
    },
  );
}
