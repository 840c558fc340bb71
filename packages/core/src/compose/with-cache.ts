import type { Agent } from "../agent.ts";
import { CachedWork, type Caching } from "../cache/cached-work.ts";
import { keySpace } from "../cache/cache-key.ts";
import type { CacheStore } from "../cache/cache-store.ts";
import { MemoryCache } from "../cache/memory-cache.ts";
import { openWork } from "../cache/open-work.ts";
import { uncheckedWork } from "../run/work.ts";
import type { Context } from "../context.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys, checkMs } from "../limits.ts";
import { checkNoCard, checkPart, type CompositeOptions } from "./composite.ts";
import { makeWrapper, wrappedStep } from "./wrapper.ts";

/** How a cache keeps what an agent gives. */
export interface CacheOptions<TInput> {
  /** Where outputs are kept; a `MemoryCache` of its own unless another is given. */
  readonly store?: CacheStore | undefined;
  /** How old an output may be; 3,600,000, an hour. */
  readonly maxAgeMs?: number | undefined;
  /** What the output depends on besides the input: a model, a prompt, a hash of the code. It becomes part of the key. */
  readonly config?: unknown;
  /**
   * What stands for the input in the key, such as its id; the whole input as parsed unless this is given. It gets the
   * input as the caller gave it, once that has been found valid, and has to give the same for the same input; it may be
   * called twice for a call. A call for which it throws, or gives what has no content, runs uncached.
   */
  readonly key?: ((input: TInput, ctx: Context) => unknown) | undefined;
}

/**
 * An agent whose outputs are kept and given again for the same input: what has the same content under the same name,
 * version and `config`. What is kept is what the agent gave before its output schema parsed it, and the schema parses a
 * copy of it at each delivery; so every caller may change what it gets, and nothing unvalidated leaves.
 *
 * Calls with the same key at the same time share one execution. A failure of the agent is given to all of them and never
 * kept. When the call that executes is cancelled or has had its time, one of the others takes over; each waits for no
 * longer than it may itself take. Inputs and outputs without content (functions, class instances, circular structures)
 * are not cached, and a store that fails or hangs only costs its use.
 *
 * @throws AtomicError `CONFIG` for a wrong option, or a `config` without content
 * @example
 * ```ts
 * let calls = 0;
 * const ask = defineAgent({
 *   name: "ask",
 *   description: "Stands for a slow service.",
 *   input: z.object({ question: z.string().trim() }),
 *   output: z.object({ answer: z.string() }),
 *   execute: async ({ question }) => {
 *     calls++;
 *     return { answer: `${question} Yes.` };
 *   },
 * });
 * const cached = withCache(ask, { maxAgeMs: 60_000 });
 * await Promise.all([cached.run({ question: "Ready?" }), cached.run({ question: " Ready? " })]);
 * console.log(await cached.run({ question: "Ready?" }), calls); // => { answer: 'Ready? Yes.' } 1
 * ```
 */
export function withCache<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  caching: CacheOptions<NoInfer<TInput>> = {},
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  checkPart("withCache", agent);
  const what = `withCache(${agent.name})`;
  checkNoCard(what, caching);
  checkKeys(what, caching, ["store", "maxAgeMs", "config", "key"]);
  // A store has no keys of its own, and would pass for an object of options.
  if ("get" in caching)
    throw configError(what, "caching", "an object of options", caching, "Write { store }.");
  const { store = new MemoryCache(), maxAgeMs = 3_600_000, config, key } = caching;
  checkStore(what, store);
  checkMs(what, "maxAgeMs", maxAgeMs);
  if (key !== undefined && typeof key !== "function") throw configError(what, "key", "a function", key);
  const kept: Caching = {
    agent: agent.name,
    store,
    maxAgeMs,
    space: keySpace(what, agent, config, key === undefined ? "input" : "key"),
    // It is given what the caller gave, after the agent's input schema has accepted it.
    key: key as Caching["key"],
  };
  return makeWrapper({
    what: "withCache",
    kind: "cache",
    agent,
    options,
    step: () => {
      const work = new CachedWork(openWork(agent), kept);
      return wrappedStep(agent, () => uncheckedWork((input, ctx) => work.run(input, ctx)));
    },
  });
}

function checkStore(what: string, store: unknown): asserts store is CacheStore {
  const isStore =
    typeof store === "object" &&
    store !== null &&
    (["get", "set", "delete"] as const).every(
      (name) => name in store && typeof (store as CacheStore)[name] === "function",
    );
  if (!isStore) {
    throw configError(
      what,
      "store",
      "an object with get, set and delete",
      store,
      "Such as new MemoryCache().",
    );
  }
}
