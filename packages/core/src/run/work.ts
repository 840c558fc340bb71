import { isThenable } from "../maybe-promise.ts";
import { checkValue } from "./check-value.ts";
import type { Step } from "./program.ts";
import type { Scope } from "./scope.ts";

/** The inside of a step: takes an input and gives an output, or a promise of it; throws or rejects when it fails. */
export type Work = (input: unknown, ctx: Scope) => unknown;

/** What a step does in one attempt, with the checks of its input and output, as one function. */
export function checkedWork(step: Step): Work {
  const { execute, inputSchema, outputSchema } = step;
  if (step.input === undefined && step.output === undefined) return execute;
  const check = (raw: unknown, ctx: Scope): unknown => checkValue(outputSchema, raw, ctx, "output");
  const perform = (value: unknown, ctx: Scope): unknown => {
    const raw = execute(value, ctx);
    return isThenable(raw) ? Promise.resolve(raw).then((late) => check(late, ctx)) : check(raw, ctx);
  };
  return (input, ctx) => {
    const value = checkValue(inputSchema, input, ctx, "input");
    if (!isThenable(value)) return perform(value, ctx);
    return value.then((late) => {
      ctx.throwIfEnded();
      return perform(late, ctx);
    });
  };
}
