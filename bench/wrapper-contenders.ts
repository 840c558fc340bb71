import {
  type Agent,
  CircuitBreaker,
  ConcurrencyLimit,
  defineAgent,
  MemoryCache,
  RateLimit,
  withCache,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
  withUndo,
} from "@atomic-agents/core";
import * as z from "zod";

/** What every wrapper is put around: hardly any work, so that the wrapper is what is seen. */
export interface Question {
  readonly text: string;
}
export type Asked = (question: Question) => Promise<unknown>;
type Scored = Agent<Question, { readonly words: number }>;

const input = z.object({ text: z.string() });
const output = z.object({ words: z.number() });
const wordsOf = ({ text }: Question) => ({ words: text.length });

const agents: Readonly<Record<"sync" | "async", Scored>> = {
  sync: defineAgent({ name: "score", description: "Scores a text.", input, output, execute: wordsOf }),
  async: defineAgent({
    name: "score",
    description: "Scores a text.",
    input,
    output,
    execute: async (question) => wordsOf(question),
  }),
};

/** More than the benchmark asks for, so that nobody waits. */
const plenty = 1_000_000_000;
const breaker = (agent: Scored) => withCircuitBreaker(agent, new CircuitBreaker());
const concurrency = (agent: Scored) => withConcurrencyLimit(agent, new ConcurrencyLimit({ max: 1_000 }));
const rate = (agent: Scored) => withRateLimit(agent, new RateLimit({ limit: plenty, perMs: 1_000 }));
const undo = (agent: Scored) => withUndo(agent, () => {});
const policy = (agent: Scored) => withPolicy(agent, { timeoutMs: 5_000, retry: { attempts: 3 } });
/** As many as there are questions, so that all are in it; and fewer, so that in turns none is. */
const hits = (agent: Scored) => withCache(agent, { store: new MemoryCache({ maxEntries: 64 }) });
const misses = (agent: Scored) => withCache(agent, { store: new MemoryCache({ maxEntries: 32 }) });

/** Each wrapper as its documentation shows it, none of them triggered. */
const wrappers: Readonly<Record<string, (agent: Scored) => Scored>> = {
  "withPolicy (timeout, retry)": policy,
  withCircuitBreaker: breaker,
  withConcurrencyLimit: concurrency,
  withRateLimit: rate,
  withUndo: undo,
  "all of these": (agent) => policy(breaker(rate(concurrency(undo(agent))))),
  "withCache, all hits": hits,
  "withCache, all misses": misses,
};

export const wrapperNames: readonly string[] = Object.keys(wrappers);
export type Kind = keyof typeof agents;
export const agentKinds: readonly Kind[] = ["sync", "async"];

export const peerName = "cockatiel: retry, breaker, timeout";

/** The agent alone, and with the wrapper around it. */
export async function contendersOf(
  name: string,
  kind: Kind,
): Promise<{ readonly bare: Asked; readonly wrapped: Asked }> {
  const agent = agents[kind];
  const bare: Asked = (question) => agent.run(question);
  if (name === peerName) return { bare, wrapped: await cockatiel(bare) };
  const wrap = wrappers[name];
  if (wrap === undefined)
    throw new Error(`There is no wrapper ${name}; there are ${wrapperNames.join(", ")}.`);
  const wrapped = wrap(agent);
  return { bare, wrapped: (question) => wrapped.run(question) };
}

/** The same agent under another library's policies, set up as its documentation shows. */
async function cockatiel(asked: Asked): Promise<Asked> {
  const library = await import("./peers/cockatiel.ts");
  return library.guard(asked);
}
