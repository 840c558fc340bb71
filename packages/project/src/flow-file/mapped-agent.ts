import { anything } from "@atomic-agents/contracts";
import {
  type AnyAgent,
  type AtomicError,
  bindStage,
  type BoundStage,
  type Context,
  defineAgent,
  type StageListener,
  untyped,
} from "@atomic-agents/core";
import { evaluationFailure } from "./record-expression.ts";

/** What is done to records before and after an agent. */
export interface RecordMapping {
  /** Makes the agent's input of a record; the record itself when absent. */
  readonly toInput: ((record: unknown) => unknown) | undefined;
  /** Makes what goes on of the record and the agent's output; the output itself when absent. */
  readonly toOutput: ((record: unknown, output: unknown) => unknown) | undefined;
}

/** The longest time that timers take: the agent inside has its own limit. */
const noTimeoutMs = 2_147_483_647;

/** An agent over records, and how long an attempt of it may take. */
export interface MappedAgent {
  readonly agent: AnyAgent;
  readonly timeoutMs: number;
}

/**
 * An agent that takes a record and gives one, made of an agent that takes and gives something else. The agent checks
 * its input and output itself, so a mapping that makes what it does not take fails the record as a wrong input would.
 *
 * @param timeoutMs the most one attempt may take; the agent's own limit when absent
 */
export function mappedAgent(
  agent: AnyAgent,
  mapping: RecordMapping,
  timeoutMs: number | undefined,
): MappedAgent {
  const { toInput, toOutput } = mapping;
  const inner = bindStage(untyped(agent), agent.name, timeoutMs === undefined ? undefined : { timeoutMs });
  const { name, version, description, capabilities } = agent;
  const mapped = defineAgent({
    name,
    version,
    description,
    capabilities,
    input: anything(),
    output: anything(),
    execute: (record, ctx) => {
      const input = toInput === undefined ? record : mappedBy("input", () => toInput(record));
      const output = outputOf(inner, input, ctx);
      if (toOutput === undefined) return output;
      const finish = (late: unknown): unknown => mappedBy("output", () => toOutput(record, late));
      return output instanceof Promise ? output.then(finish) : finish(output);
    },
  });
  return { agent: mapped, timeoutMs: timeoutMs ?? noTimeoutMs };
}

/** What the agent gives, at once where it does so itself, else a promise of it. @throws what the agent fails with */
function outputOf(inner: BoundStage<unknown, unknown>, input: unknown, ctx: Context): unknown {
  const outcome = new Outcome();
  inner.run(input, ctx, outcome);
  return outcome.get();
}

/** Hears how one use of an agent has ended, before or after it is asked. */
class Outcome implements StageListener<unknown> {
  private ended: { readonly output: unknown } | { readonly error: AtomicError } | undefined = undefined;
  private waiting: PromiseWithResolvers<unknown> | undefined = undefined;

  readonly resolve = (output: unknown): void => {
    if (this.waiting === undefined) this.ended = { output };
    else this.waiting.resolve(output);
  };

  readonly reject = (error: AtomicError): void => {
    if (this.waiting === undefined) this.ended = { error };
    else this.waiting.reject(error);
  };

  get(): unknown {
    const { ended } = this;
    if (ended === undefined) {
      this.waiting = Promise.withResolvers();
      return this.waiting.promise;
    }
    if ("error" in ended) throw ended.error;
    return ended.output;
  }
}

/** What a mapping gives. @throws AtomicError `EXECUTION`, not to be tried again: the same record would give the same */
export function mappedBy(what: "input" | "output", map: () => unknown): unknown {
  try {
    return map();
  } catch (thrown) {
    throw evaluationFailure(`${what} mapping`, thrown);
  }
}
