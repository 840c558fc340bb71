import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { andThen } from "../maybe-promise.ts";
import type { Handler, Middleware, StageInfo } from "../middleware.ts";
import { checkValue } from "./check-value.ts";
import type { Step } from "./program.ts";
import type { Scope } from "./scope.ts";

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
    return andThen(step.execute(input, scope), (output) => {
      given.set(scope, output);
      return output;
    });
  };
  for (const middleware of middlewares.toReversed()) handler = handlerOf(middleware, handler, stage);
  const onion = handler;
  if (!checksItself) return { ...step, input: undefined, execute: (input, ctx) => onion(input, ctx) };
  const settle = (output: unknown, scope: Scope): unknown => {
    const untouched = given.get(scope) === output;
    given.delete(scope);
    // What the agents inside have checked is not parsed again; what a middleware put in its place is.
    return untouched ? output : checkValue(step.outputSchema, output, scope, "output");
  };
  return {
    ...step,
    execute: (input, ctx) => {
      const output = onion(input, ctx);
      return andThen(output, (late) => settle(late, ctx));
    },
  };
}

function checkedThen(step: Step, input: unknown, scope: Scope): unknown {
  if (step.input === undefined) return step.execute(input, scope);
  return andThen(checkValue(step.inputSchema, input, scope, "input"), (value) => step.execute(value, scope));
}

function handlerOf(middleware: Middleware, next: Handler, stage: StageInfo): Handler {
  const what = `Pipeline "${stage.pipeline}"`;
  let handler: unknown;
  try {
    handler = middleware(next, stage);
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : typeof thrown;
    throw new AtomicError(
      "CONFIG",
      `${what}: a middleware threw when it was put around "${stage.id}": ${text}`,
      {
        details: { path: "use", expected: "a middleware that gives a function", got: text },
        cause: thrown,
      },
    );
  }
  if (typeof handler !== "function") {
    throw configError(what, "use", "a middleware that gives a function", handler);
  }
  // A function that a middleware gives is a handler by its type.
  return handler as Handler;
}
