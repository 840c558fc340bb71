import { type AgentInput, type AgentOutput, type AnyAgent, isAgent, untyped } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import type { Result } from "../result.ts";
import type { RunOptionsOrContext } from "../run/options.ts";
import { slidingWindow } from "../sliding-window.ts";
import { concurrencyOf } from "./composite.ts";

/** Pairs of an agent and what it takes. */
type Pairs<TAgents extends readonly AnyAgent[]> = {
  readonly [K in keyof TAgents]: readonly [TAgents[K], AgentInput<NoInfer<TAgents[K]>>];
};

/** The outcomes of pairs, in their order. */
export type PairResults<TAgents extends readonly AnyAgent[]> = {
  -readonly [K in keyof TAgents]: Result<AgentOutput<TAgents[K]>>;
};

/** How many pairs run at a time, and what their runs are given. */
export interface RunAllOptions {
  /** 5 unless said otherwise. */
  readonly concurrency?: number | undefined;
  /** Options of every run, or the context of the run that all shall be part of. */
  readonly run?: RunOptionsOrContext | undefined;
}

/**
 * Runs pairs of agent and input, each a run of its own, and gives their outcomes in the order of the pairs. One that
 * fails does not stop the others; the promise rejects only for wrong options.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const [words, loud] = await runAll([[countWords, "a b"], [shout, "a b"]]);
 * if (words.ok && loud.ok) console.log(words.output, loud.output); // => 2 A B
 * ```
 */
export async function runAll<const TAgents extends readonly AnyAgent[]>(
  pairs: Pairs<TAgents>,
  options: RunAllOptions = {},
): Promise<PairResults<TAgents>> {
  if (!Array.isArray(pairs)) throw configError("runAll", "pairs", "an array of [agent, input]", pairs);
  for (const [index, pair] of pairs.entries()) {
    if (!Array.isArray(pair) || !isAgent(pair[0])) {
      throw configError("runAll", `pairs[${index}]`, "an array of an agent and its input", pair);
    }
  }
  checkKeys("runAll", options, ["concurrency", "run"]);
  const concurrency = concurrencyOf("runAll", options.concurrency);
  const results: Result<unknown>[] = [];
  results.length = pairs.length;
  await slidingWindow(
    pairs as readonly (readonly [AnyAgent, unknown])[],
    async ([agent, input], index) => {
      results[index] = await untyped(agent).tryRun(input, options.run);
    },
    { concurrency },
  );
  // Each result is its own agent's, by index.
  return results as PairResults<TAgents>;
}
