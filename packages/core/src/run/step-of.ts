import { validatorOf } from "@atomic-agents/contracts";
import type { AgentInternals, AnyAgent } from "../agent.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Policy } from "../policy.ts";
import type { RunOptions } from "./options.ts";
import type { Program, Step } from "./program.ts";
import { resolvePolicy } from "./resolve-policy.ts";
import type { Scope } from "./scope.ts";

/** The most one attempt of an agent that does the work itself may take, unless its policy says otherwise. */
const defaultTimeoutMs = 120_000;

/** The stage that an agent makes under an id and a policy. */
export function stepOf(agent: AnyAgent, id: string, policy: Policy | undefined): Step {
  const internals: AgentInternals | undefined = agent["~atomic"];
  const resolved = resolvePolicy(`Stage "${id}"`, policy);
  const common = { id, agent: agent.name, inputSchema: agent.input, outputSchema: agent.output };
  if (internals === undefined) {
    // Looks like an agent, but nothing proves that it validates: it is checked from outside, both ways.
    const lookAlike = agent as unknown as { readonly run: (input: unknown, options: RunOptions) => unknown };
    return {
      ...common,
      input: validatorOf(agent.input),
      output: validatorOf(agent.output),
      execute: (input, ctx) => lookAlike.run(input, { signal: ctx.signal }),
      guarded: undefined,
      ...resolved,
      timeoutMs: resolved.timeoutMs ?? defaultTimeoutMs,
    };
  }
  const program = internals.program();
  const [only] = program.steps;
  if (program.isPlain && only !== undefined) {
    if (policy === undefined) return { ...only, ...common };
    if (!hasPolicy(only)) {
      return { ...only, ...common, ...resolved, timeoutMs: resolved.timeoutMs ?? only.timeoutMs };
    }
  }
  return {
    ...common,
    input: undefined,
    output: undefined,
    execute: (input, ctx) => enter(program, input, ctx),
    guarded: undefined,
    ...resolved,
    timeoutMs: resolved.timeoutMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Whether a step has been told how to be run: another policy goes around it, not in its place. */
export function hasPolicy(step: Step): boolean {
  return step.retry !== undefined || step.onError !== undefined || step.hasOwnTimeout;
}

/** Runs a composed agent as part of the current stage. */
function enter(program: Program, input: unknown, ctx: Scope): unknown {
  return ctx["~frame"].spawn(ctx, program, undefined, true).enter(input);
}

/** The program of an agent that does the work itself. */
export function programOfWork(
  agent: Pick<AnyAgent, "name" | "input" | "output">,
  execute: Step["execute"],
): Program {
  return {
    agent: agent.name,
    staged: false,
    isComposite: false,
    isPlain: true,
    steps: [
      {
        id: agent.name,
        agent: agent.name,
        inputSchema: agent.input,
        outputSchema: agent.output,
        input: validatorOf(agent.input),
        output: validatorOf(agent.output),
        execute,
        guarded: undefined,
        timeoutMs: defaultTimeoutMs,
        hasOwnTimeout: false,
        retry: undefined,
        onError: undefined,
      },
    ],
  };
}

/** The program of a composed agent whose parts check for themselves. */
export function programOfParts(
  agent: Pick<AnyAgent, "name" | "input" | "output">,
  execute: Step["execute"],
  gathers: boolean,
): Program {
  const [step] = programOfWork(agent, execute).steps;
  if (step === undefined) throw new Error("unreachable: a program of work has one step");
  return {
    agent: agent.name,
    staged: false,
    isComposite: true,
    isPlain: false,
    gathers,
    steps: [{ ...step, input: undefined, output: undefined, timeoutMs: Number.POSITIVE_INFINITY }],
  };
}

/** The program that runs one part of a composed agent under the name of its place. */
export function programOfPart(part: AnyAgent, id: string): Program {
  return {
    agent: part.name,
    staged: true,
    isComposite: false,
    isPlain: false,
    steps: [stepOf(part, id, undefined)],
  };
}

/** The program that runs the only part of a wrapper, which takes no place of its own in stage paths. */
export function programOfWrapped(part: AnyAgent, policy: Policy | undefined): Program {
  return {
    agent: part.name,
    staged: false,
    isComposite: false,
    isPlain: false,
    steps: [stepOf(part, part.name, policy)],
  };
}

/** What a composed agent's own function gave; a promise is waited for no longer than any other work may take. */
export function withinTime(given: unknown, ctx: Scope): unknown {
  if (!isThenable(given)) return given;
  const { agent } = ctx["~frame"].program;
  const [own] = ctx["~frame"].program.steps;
  if (own === undefined) throw new Error("unreachable: a composed agent has one step");
  const step: Step = { ...own, agent, execute: () => given, guarded: undefined, timeoutMs: defaultTimeoutMs };
  const program: Program = { agent, staged: false, isComposite: true, isPlain: false, steps: [step] };
  return ctx["~frame"].spawn(ctx, program, undefined, false).enter(undefined);
}
