import type { Agent, AgentKind } from "../agent.ts";
import { checkName, makeAgent } from "../base-agent.ts";
import { checkCard } from "../define-agent.ts";
import { checkKeys } from "../limits.ts";
import type { Step } from "../run/program.ts";
import { hasPolicy, programOfWrapped, stepOf } from "../run/step-of.ts";
import { settled } from "../run/pending.ts";
import { checkedWork, uncheckedWork, type Work } from "../run/work.ts";
import { compositeKeys, type CompositeOptions } from "./composite.ts";

interface Wrapper<TInput, TOutput> {
  /** The wrapping function, for error messages. */
  readonly what: string;
  readonly kind: AgentKind;
  readonly agent: Agent<TInput, TOutput>;
  readonly options: CompositeOptions;
  /** Called once, at the first run. */
  readonly step: () => Step;
}

/**
 * Makes an agent that is another one with something around it: the same contract and, unless it is given another, the
 * same name. Where it can, it stands as one step in whatever uses it and costs no frame of its own.
 */
export function makeWrapper<TInput, TOutput>(wrapper: Wrapper<TInput, TOutput>): Agent<TInput, TOutput> {
  const { what, kind, agent, options } = wrapper;
  checkKeys(what, options, compositeKeys);
  const { name = agent.name, description = agent.description, capabilities = agent.capabilities } = options;
  checkName(what, "name", name);
  const card = {
    name,
    version: agent.version,
    description,
    capabilities,
    input: agent.input,
    output: agent.output,
  };
  checkCard(`${what} "${name}"`, card);
  return makeAgent<TInput, TOutput>(card, {
    kind,
    parts: new Map([[agent.name, agent]]),
    program: () => {
      const inner = agent["~atomic"].program();
      const step: Step = { ...wrapper.step(), id: name, agent: name };
      const isComposite = !inner.isPlain || inner.isComposite;
      return { agent: name, staged: false, isComposite, isPlain: true, steps: [step] };
    },
  });
}

/** The step of an agent with something around each of its calls, its checks included. */
export function wrappedStep(agent: Agent<never, unknown>, wrap: (next: Work) => Work): Step {
  const step = stepOf(agent, agent.name, undefined);
  // What repeats its attempts does so inside.
  const guarded = wrap(hasPolicy(step) ? enterWrapped(agent) : workOf(step));
  return {
    ...step,
    input: undefined,
    output: undefined,
    execute: (input, ctx) => settled(guarded(input, ctx)),
    guarded,
    ...(hasPolicy(step)
      ? { timeoutMs: Number.POSITIVE_INFINITY, hasOwnTimeout: false, retry: undefined, onError: undefined }
      : {}),
  };
}

function workOf(step: Step): Work {
  if (step.guarded !== undefined) return step.guarded;
  const checksItself = step.input === undefined && step.output === undefined;
  return checksItself ? uncheckedWork(step.execute) : checkedWork(step);
}

function enterWrapped(agent: Agent<never, unknown>): Work {
  const program = programOfWrapped(agent, undefined);
  return uncheckedWork((input, ctx) => ctx["~frame"].spawn(ctx, program, undefined, true).enter(input));
}
