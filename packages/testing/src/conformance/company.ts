import { anything } from "@atomic-agents/contracts";
import {
  type Agent,
  type AnyAtomicError,
  defineAgent,
  fallback,
  mapItems,
  parallel,
  pipelineOf,
  withPolicy,
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
