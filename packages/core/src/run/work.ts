import { validatorOf } from "@atomic-agents/contracts";
import { isThenable } from "../maybe-promise.ts";
import { checkValue } from "./check-value.ts";
import { Pending, settled } from "./pending.ts";
import type { Step } from "./program.ts";
import type { Scope } from "./scope.ts";

/** Takes an input and gives an output, or a promise of it; throws or rejects when it fails. */
export type Execute = (input: unknown, ctx: Scope) => unknown;

/** The inside of a step, which guards stand around: gives the checked output, or a `Pending`; throws when it fails. */
export type Work = (input: unknown, ctx: Scope) => unknown;

/** A work that checks for itself. */
export function uncheckedWork(execute: Execute): Work {
  return (input, ctx) => {
    const output = execute(input, ctx);
    return isThenable(output) ? new Pending(output, undefined) : output;
  };
}

/** What a step does in one attempt, with the checks of its input and output. */
export function checkedWork({ execute, inputSchema, outputSchema }: Step): Work {
  const input = validatorOf(inputSchema);
  const output = validatorOf(outputSchema);
  const perform: Work = (value, ctx) => {
    const raw = execute(value, ctx);
    if (isThenable(raw)) return new Pending(raw, (late) => checkValue(output, late, ctx, "output"));
    const checked = checkValue(output, raw, ctx, "output");
    return isThenable(checked) ? new Pending(checked, undefined) : checked;
  };
  return (given, ctx) => {
    const value = checkValue(input, given, ctx, "input");
    if (!isThenable(value)) return perform(value, ctx);
    const late = value.then((parsed) => {
      ctx.throwIfEnded();
      return settled(perform(parsed, ctx));
    });
    return new Pending(late, undefined);
  };
}
