import { canParseOnce, type Validator, validatorOf } from "@atomic-agents/contracts";
import type { AnyAgent } from "../agent.ts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import { checkValue } from "../run/check-value.ts";
import type { Program, Step } from "../run/program.ts";
import type { Scope } from "../run/scope.ts";
import { hasPolicy, stepOf } from "../run/step-of.ts";
import type { Execute } from "../run/work.ts";
import { copyContent, isSameContent, notContent } from "./content.ts";

/** What an agent gave. */
export class Produced {
  /** As its output schema has parsed it. */
  readonly output: unknown;
  /** What the schema can make the output of again: content, or `notContent`. */
  readonly kept: unknown;

  constructor(output: unknown, kept: unknown) {
    this.output = output;
    this.kept = kept;
  }

  /** For who measures what passes: the output is what counts. */
  toJSON(): unknown {
    return this.output;
  }
}

/** An agent's work, taken apart where its input is checked and nothing is done yet, and where its output is there. */
export interface OpenWork {
  readonly input: Validator;
  readonly output: Validator;
  /** Whether the output schema runs nobody's code, changes nothing in what it is given, and gives equal for parsed. */
  readonly parsesOnce: boolean;
  /**
   * Does the work; what it gives, or promises, is for `finish`.
   *
   * @param value the input as its schema parsed it
   * @param input the input as it was given
   */
  readonly begin: (value: unknown, input: unknown, ctx: Scope, keeps: boolean) => unknown;
  /** Checks what came out, and keeps what it was made of if that is wanted. */
  readonly finish: (given: unknown, ctx: Scope, keeps: boolean) => MaybePromise<Produced>;
}

export function openWork(agent: AnyAgent): OpenWork {
  const step = stepOf(agent, agent.name, undefined);
  // An agent that is composed, or wrapped, checks for itself.
  if (step.input === undefined || step.output === undefined) return workOfParts(step);
  return hasPolicy(step) ? workOfAttempts(step) : workAtOnce(step);
}

/** What the agent itself gave is kept, and the schema parses it anew each time: so it transforms once a delivery. */
function workAtOnce({ execute, inputSchema, outputSchema }: Step): OpenWork {
  const validator = validatorOf(outputSchema);
  return {
    input: validatorOf(inputSchema),
    output: validator,
    parsesOnce: canParseOnce(outputSchema),
    begin: (value, _input, ctx) => execute(value, ctx),
    finish: (raw, ctx, keeps) => {
      // Before the check, which may change it.
      const kept = keeps ? copyContent(raw) : notContent;
      const output = checkValue(validator, raw, ctx, "output");
      if (!isThenable(output)) return new Produced(output, kept);
      return output.then((late) => new Produced(late, kept));
    },
  };
}

/** A call of an agent with a policy of its own. */
class Attempts {
  readonly input: unknown;
  readonly keeps: boolean;
  /** What the check before the first attempt gave; each other attempt parses anew, which is its copy. */
  first: { readonly value: unknown } | undefined;

  constructor(value: unknown, input: unknown, keeps: boolean) {
    this.first = { value };
    this.input = input;
    this.keeps = keeps;
  }

  /** For who measures what passes: the input is what counts. */
  toJSON(): unknown {
    return this.input;
  }
}

/** Puts the checks inside of what the policy repeats: an output that breaks the contract is tried again. */
function workOfAttempts(step: Step): OpenWork {
  const work = workAtOnce(step);
  const { begin, finish } = work;
  const perform = (value: unknown, { input, keeps }: Attempts, ctx: Scope): unknown => {
    const raw = begin(value, input, ctx, keeps);
    if (!isThenable(raw)) return finish(raw, ctx, keeps);
    // A thenable of any make: its own `then` may give nothing back.
    return Promise.resolve(raw).then((late) => finish(late, ctx, keeps));
  };
  const attempt: Execute = (given, ctx) => {
    // What is handed to `enter` below.
    const attempts = given as Attempts;
    const { first } = attempts;
    attempts.first = undefined;
    if (first !== undefined) return perform(first.value, attempts, ctx);
    const value = checkValue(work.input, attempts.input, ctx, "input");
    if (!isThenable(value)) return perform(value, attempts, ctx);
    return value.then((late) => {
      ctx.throwIfEnded();
      return perform(late, attempts, ctx);
    });
  };
  const enter = enterStep({
    ...step,
    input: undefined,
    output: undefined,
    execute: attempt,
    guarded: undefined,
  });
  return {
    ...work,
    begin: (value, input, ctx, keeps) => enter(new Attempts(value, input, keeps), ctx),
    // What `perform` gave.
    finish: (given) => given as Produced,
  };
}

/**
 * What comes out of the parts has been parsed by them. It is kept where parsing it once more gives the same: always
 * for schemas of which that is known, else when it was tried.
 */
function workOfParts(step: Step): OpenWork {
  const { inputSchema, outputSchema } = step;
  const work = hasPolicy(step) ? enterStep(step) : step.execute;
  const takesParsed = canParseOnce(inputSchema);
  const parsesOnce = canParseOnce(outputSchema);
  const output = validatorOf(outputSchema);
  return {
    input: validatorOf(inputSchema),
    output,
    parsesOnce,
    begin: (value, input, ctx) => work(takesParsed ? value : input, ctx),
    finish: (given, _ctx, keeps) => {
      const kept = keeps ? copyContent(given) : notContent;
      if (kept === notContent || parsesOnce) return new Produced(given, kept);
      const isStable = parsesToItself(output, kept);
      if (!isThenable(isStable)) return new Produced(given, isStable ? kept : notContent);
      return isStable.then((late) => new Produced(given, late ? kept : notContent));
    },
  };
}

function parsesToItself(validator: Validator, content: unknown): MaybePromise<boolean> {
  const isItself = (checked: Checked): boolean =>
    checked.issues === undefined && isContentOf(checked.value, content);
  try {
    const checked: unknown = validator.validate(copyContent(content));
    // What a validator gives, or promises.
    if (!isThenable(checked)) return isItself(checked as Checked);
    return Promise.resolve(checked as PromiseLike<Checked>).then(isItself, () => false);
  } catch {
    return false;
  }
}

function isContentOf(value: unknown, content: unknown): boolean {
  const copy = copyContent(value);
  return copy !== notContent && isSameContent(copy, content);
}

interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly unknown[] | undefined;
}

/** Runs a step in a frame of its own, as part of the current stage. */
function enterStep(step: Step): Execute {
  const { agent } = step;
  const program: Program = { agent, staged: false, isComposite: false, isPlain: false, steps: [step] };
  return (input, ctx) => ctx["~frame"].spawn(ctx, program, undefined, true).enter(input);
}
