import { canParseOnce } from "@atomic-agents/contracts";
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
    const scope = scopeOf(ctx, stage);
    if (!checksItself) return checkedThen(step, input, scope);
    return andThen(step.execute(input, scope), (output) => {
      given.set(scope, output);
      return output;
    });
  };
  for (const middleware of middlewares.toReversed()) handler = handlerOf(middleware, handler, stage);
  const onion = handler;
  // A middleware may change in place what the agents inside have checked; where that is safe, it is checked again.
  const mayCheckAgain = canParseOnce(step.outputSchema);
  if (!checksItself) return { ...step, input: undefined, execute: (input, ctx) => onion(input, ctx) };
  const settle = (output: unknown, scope: Scope): unknown => {
    const untouched = given.get(scope) === output && !mayCheckAgain;
    given.delete(scope);
    // A schema that transforms would do so twice: there, only what a middleware put in the output's place is checked.
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

/** The context that a middleware hands on. */
function scopeOf(ctx: unknown, stage: StageInfo): Scope {
  if (typeof ctx === "object" && ctx !== null && "endScope" in ctx) {
    // Contexts are only ever made as scopes.
    return ctx as Scope;
  }
  throw configError(
    `A middleware of pipeline "${stage.pipeline}" around "${stage.id}"`,
    "the second argument of next",
    "the context that the middleware was given",
    ctx,
    "Call next(input, ctx).",
  );
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
