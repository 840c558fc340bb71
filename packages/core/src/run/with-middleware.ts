import type { StageInfo, Handler, Middleware } from "../middleware.ts";
import { configError } from "../errors/config-error.ts";
import { isThenable } from "../maybe-promise.ts";
import type { Step, Validator } from "./program.ts";
import type { Scope } from "./scope.ts";
import { validationError } from "./stage-error.ts";

/** The step with an onion around it; the first middleware is the outermost. */
export function withMiddleware(step: Step, middlewares: readonly Middleware[], stage: StageInfo): Step {
  if (middlewares.length === 0) return step;
  const checksItself = step.input === undefined && step.output === undefined;
  /** What a step that checks for itself gave last in a context; one stage runs in a context at a time. */
  const given = new WeakMap<Scope, unknown>();
  let handler: Handler = (input, ctx) => {
    // Contexts are only ever made as scopes.
    const scope = ctx as Scope;
    if (!checksItself) return checkedThen(step, input, scope);
    const output = step.execute(input, scope);
    if (!isThenable(output)) {
      given.set(scope, output);
      return output;
    }
    return output.then((late) => {
      given.set(scope, late);
      return late;
    });
  };
  for (const middleware of middlewares.toReversed()) {
    handler = middleware(handler, stage);
    if (typeof handler !== "function") {
      throw configError(`Pipeline "${stage.pipeline}"`, "use", "a middleware that gives a function", handler);
    }
  }
  const onion = handler;
  if (!checksItself) return { ...step, input: undefined, execute: (input, ctx) => onion(input, ctx) };
  const validator = step.outputSchema["~standard"];
  const settle = (output: unknown, scope: Scope): unknown => {
    const untouched = given.get(scope) === output;
    given.delete(scope);
    // What the agents inside have checked is not parsed again; what a middleware put in its place is.
    return untouched ? output : check(validator, output, scope, "output", (value) => value);
  };
  return {
    ...step,
    execute: (input, ctx) => {
      const output = onion(input, ctx);
      return isThenable(output) ? output.then((late) => settle(late, ctx)) : settle(output, ctx);
    },
  };
}

function checkedThen(step: Step, input: unknown, scope: Scope): unknown {
  if (step.input === undefined) return step.execute(input, scope);
  return check(step.input, input, scope, "input", (value) => step.execute(value, scope));
}

function check(
  validator: Validator,
  value: unknown,
  scope: Scope,
  work: "input" | "output",
  next: (value: unknown) => unknown,
): unknown {
  const checked = validator.validate(value);
  const after = (result: Awaited<typeof checked>): unknown => {
    if (result.issues !== undefined) throw validationError(scope["~frame"], work, value, result.issues);
    return next(result.value);
  };
  return checked instanceof Promise ? checked.then(after) : after(checked);
}
