import { canParseOnce } from "@atomic-agents/contracts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { andThen, isThenable } from "../maybe-promise.ts";
import type { Handler, Middleware, StageInfo } from "../middleware.ts";
import { checkValue } from "./check-value.ts";
import type { Step } from "./program.ts";
import type { Scope } from "./scope.ts";

/** How far one attempt has come through its middlewares. */
export interface Onion {
  /** How many of them have called `next`. */
  depth: number;
  /** The first breach of the rules, so that a middleware that swallows it changes nothing. */
  breach: AtomicError<"MIDDLEWARE"> | undefined;
  /** What a step that checks for itself gave. */
  given: unknown;
}

/** The step with an onion around it; the first middleware is the outermost. */
export function withMiddleware(step: Step, middlewares: readonly Middleware[], stage: StageInfo): Step {
  if (middlewares.length === 0) return step;
  const checksItself = step.input === undefined && step.output === undefined;
  let handler: Handler = (input, ctx) => {
    const scope = scopeOf(ctx, stage);
    if (!checksItself) return checkedThen(step, input, scope);
    return andThen(step.execute(input, scope), (output) => {
      if (scope.onion !== undefined) scope.onion.given = output;
      return output;
    });
  };
  for (const [position, middleware] of [...middlewares.entries()].toReversed()) {
    handler = handlerOf(middleware, nextOnce(handler, position, stage), stage);
  }
  const onion = handler;
  // A middleware may change in place what the agents inside have checked; where that is safe, it is checked again.
  const mayCheckAgain = canParseOnce(step.outputSchema);
  const settle = (output: unknown, scope: Scope, state: Onion): unknown => {
    if (state.breach !== undefined) throw state.breach;
    if (state.depth < middlewares.length) throw breachOf(stage, state.depth, "next-never");
    if (!checksItself) return output;
    // A schema that transforms would do so twice: there, only what a middleware put in the output's place is checked.
    const isUntouched = state.given === output && !mayCheckAgain;
    return isUntouched ? output : checkValue(step.outputSchema, output, scope, "output");
  };
  return {
    ...step,
    input: undefined,
    execute: (input, ctx) => {
      const state: Onion = { depth: 0, breach: undefined, given: undefined };
      ctx.onion = state;
      // A middleware may keep its `next`: the stages after this one get another context.
      ctx.isTouched = true;
      const output = onion(input, ctx);
      return isThenable(output) ? output.then((late) => settle(late, ctx, state)) : settle(output, ctx, state);
    },
  };
}

/** The `next` of one middleware, which may be called once in an attempt. */
function nextOnce(handler: Handler, position: number, stage: StageInfo): Handler {
  return (input, ctx) => {
    const scope = scopeOf(ctx, stage);
    scope.throwIfEnded();
    const { onion } = scope;
    if (onion === undefined || onion.depth !== position) {
      const breach = breachOf(stage, position, "next-twice");
      if (onion !== undefined) onion.breach ??= breach;
      throw breach;
    }
    onion.depth++;
    return handler(input, scope);
  };
}

function breachOf(
  stage: StageInfo,
  position: number,
  problem: "next-twice" | "next-never",
): AtomicError<"MIDDLEWARE"> {
  const which = `Middleware ${position + 1} of pipeline "${stage.pipeline}", around stage "${stage.id}",`;
  return new AtomicError(
    "MIDDLEWARE",
    problem === "next-twice"
      ? `${which} called next more than once`
      : `${which} gave an output without calling next`,
    {
      details: { pipeline: stage.pipeline, stage: stage.id, position: position + 1, problem },
      hint:
        problem === "next-twice"
          ? "Call next once; to try again give the stage a retry."
          : "Return what next gives, or throw to refuse; to answer in the agent's place use fallback, branch or withCache.",
    },
  );
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
