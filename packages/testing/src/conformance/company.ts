import { isDeepStrictEqual } from "node:util";
import { anything } from "@atomic-agents/contracts";
import {
  type Agent,
  type AnyAtomicError,
  AtomicError,
  defineAgent,
  branch,
  CircuitBreaker,
  ConcurrencyLimit,
  fallback,
  mapItems,
  MemoryCache,
  parallel,
  pipelineOf,
  pool,
  RateLimit,
  recover,
  withCache,
  withCircuitBreaker,
  withConcurrencyLimit,
  withPolicy,
  withRateLimit,
  zip,
} from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { type OutcomeView, Reference } from "./reference.ts";
import { Broken, ensure, passed, type Verdict } from "./verdict.ts";

type AnyInput = Agent<unknown, unknown>;

/** An agent made of the one that is looked at, and how that one's outcomes are found in it. */
interface Company {
  readonly agent: AnyInput;
  readonly inputFor: (input: unknown) => unknown;
  /** The outputs of the one in the output of the whole. */
  readonly outputsIn: (output: unknown) => readonly unknown[];
  /** The code of the one's failure in that of the whole; the same when absent. */
  readonly codeIn?: (error: AnyAtomicError) => string;
}

const name = "conformance";
const itself = (value: unknown) => value;
const only = (output: unknown) => [output];

/** 35. */
export function asAStage(lab: Lab): Promise<Verdict> {
  return inCompany(lab, "as a stage of a pipeline", {
    agent: pipelineOf(name, [lab.agent]),
    inputFor: itself,
    outputsIn: only,
  });
}

/** 36. */
export function asASlot(lab: Lab): Promise<Verdict> {
  const both = parallel({ first: lab.agent, second: lab.agent }, { name });
  return inCompany(lab, "as two slots of parallel", {
    agent: both,
    inputFor: itself,
    outputsIn: (output) => partsOf(output, ["first", "second"]),
  });
}

/** 37. */
export function asAFallback(lab: Lab): Promise<Verdict> {
  const failing = defineAgent({
    name: "always-fails",
    description: "Fails, so that the next one is asked.",
    input: lab.agent.input,
    output: anything(),
    execute: (): unknown => {
      throw new Error("conformance");
    },
  });
  return inCompany(lab, "inside of fallback", {
    agent: fallback([failing, lab.agent], { name }),
    inputFor: itself,
    outputsIn: only,
    codeIn: (error) =>
      error.code === "ALL_FAILED" ? (error.details.failures.at(-1)?.code ?? error.code) : error.code,
  });
}

const itemCount = 3;

/** 38. */
export function overItems(lab: Lab): Promise<Verdict> {
  return inCompany(lab, `over ${itemCount} items`, {
    // An array is given, of what the agent takes.
    agent: mapItems(lab.agent, { name }) as AnyInput,
    inputFor: (input) => Array.from({ length: itemCount }, () => input),
    outputsIn: (output) => partsOf(output, [0, 1, 2]),
  });
}

/** 39. */
export function underAPolicy(lab: Lab): Promise<Verdict> {
  const retry = { attempts: 2, baseDelayMs: 1, jitter: "none" } as const;
  return inCompany(lab, "under a policy", {
    agent: withPolicy(lab.agent, { timeoutMs: 60_000, retry }, { name }),
    inputFor: itself,
    outputsIn: only,
  });
}

/** 41. */
export function asACase(lab: Lab): Promise<Verdict> {
  return inCompany(lab, "as a case of branch", {
    agent: branch(() => "it", { it: lab.agent }, { name }),
    inputFor: itself,
    outputsIn: only,
  });
}

/** 42. */
export function asAReplica(lab: Lab): Promise<Verdict> {
  return inCompany(lab, "as two replicas of a pool", {
    agent: pool([lab.agent, lab.agent], { name }),
    inputFor: itself,
    outputsIn: only,
  });
}

/** 43. */
export function zipped(lab: Lab): Promise<Verdict> {
  return inCompany(lab, "as two agents of zip", {
    // It takes a list of what each takes.
    agent: zip([lab.agent, lab.agent], { name }) as AnyInput,
    inputFor: (input) => [input, input],
    outputsIn: (output) => partsOf(output, [0, 1]),
  });
}

/** 44. */
export async function recovered(lab: Lab): Promise<Verdict> {
  let told = 0;
  const agent = recover(lab.agent, (error) => {
    told++;
    throw error;
  });
  const verdict = await inCompany(lab, "under recover", {
    agent,
    inputFor: itself,
    outputsIn: only,
    codeIn: (error) => codeBehind(error),
  });
  const [refused] = lab.invalid;
  if (refused === undefined) return verdict;
  const before = told;
  const alone = await lab.tryRun(refused);
  const result = await lab.wait("under recover", agent.tryRun(refused, lab.options()));
  // Its own input check may be the one that refuses: then there is nothing to recover from.
  const isRefusedBefore = !result.ok && result.error.code === "VALIDATION_INPUT";
  ensure(alone.ok || isRefusedBefore || told > before, () => "recover was not told of the failure");
  return verdict;
}

/** What recover's own function throws is the cause of what it gives. */
function codeBehind(error: AnyAtomicError): string {
  const { cause } = error;
  return AtomicError.isInstance(cause) ? cause.code : error.code;
}

/** 45. */
export async function underACache(lab: Lab): Promise<Verdict> {
  const cached = withCache(lab.agent, { store: new MemoryCache() }, { name });
  const verdict = await inCompany(lab, "under a cache", {
    agent: cached,
    inputFor: itself,
    outputsIn: only,
  });
  for (const input of lab.valid) {
    const [first, second] = [
      await lab.wait("a cached run", cached.tryRun(input, lab.options())),
      await lab.wait("a cached run", cached.tryRun(input, lab.options())),
    ];
    if (!first.ok || !second.ok) continue;
    ensure(isDeepStrictEqual(first.output, second.output), () => {
      return `out of the cache came ${preview(second.output)}, put in was ${preview(first.output)}`;
    });
  }
  return verdict;
}

/** 46. */
export function guarded(lab: Lab): Promise<Verdict> {
  const limited = withRateLimit(lab.agent, new RateLimit({ limit: 1_000_000, perMs: 1_000 }));
  const narrow = withConcurrencyLimit(limited, new ConcurrencyLimit({ max: 1 }));
  // A refused input is no failure of the agent; what fails otherwise shall not open it here.
  const breaker = new CircuitBreaker({ counts: () => false });
  return inCompany(lab, "under a rate limit, a concurrency limit and a circuit breaker", {
    agent: withCircuitBreaker(narrow, breaker, { name }),
    inputFor: itself,
    outputsIn: only,
  });
}

function partsOf(output: unknown, keys: readonly PropertyKey[]): readonly unknown[] {
  ensure(typeof output === "object" && output !== null, () => `the whole gave ${preview(output)}`);
  return keys.map((key) => Reflect.get(output, key) as unknown);
}

async function inCompany(lab: Lab, where: string, company: Company): Promise<Verdict> {
  const { agent, inputFor, outputsIn, codeIn = (error) => error.code } = company;
  const inputs = [...lab.valid, ...lab.invalid];
  for (const input of inputs) {
    const alone = await Reference.of(lab, input);
    const whole = await lab.wait(where, agent.tryRun(inputFor(input), lab.options()));
    const views: readonly OutcomeView[] = whole.ok
      ? outputsIn(whole.output).map((output) => ({ output }))
      : [{ code: codeIn(whole.error) }];
    for (const view of views) {
      const difference = await alone.difference(view);
      if (difference !== undefined) throw new Broken(`${where}, given ${preview(input)}: ${difference}`);
    }
  }
  return passed(`${inputs.length} inputs`);
}
