import { canParseOnce, type Validator, validatorOf } from "@atomic-agents/contracts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { toAtomicError } from "../errors/to-atomic-error.ts";
import { isThenable, promiseOf } from "../maybe-promise.ts";
import type { Handler, Middleware, StageInfo } from "../middleware.ts";
import { checkValue } from "./check-value.ts";
import { OwnTime } from "./own-time.ts";
import type { Step } from "./program.ts";
import type { Scope } from "./scope.ts";

/** How far one attempt has come through its middlewares. */
export interface Onion {
  readonly stage: StageInfo;
  /** How many of them have called `next`. */
  depth: number;
  /** By position, whether what `next` promised has yet to come. */
  pending: boolean[] | undefined;
  /** Bounds what they wait for, where the stage has no deadline. */
  readonly ownTime: OwnTime | undefined;
  /** The first breach of the rules, so that a middleware that swallows it changes nothing. */
  breach: AtomicError<"MIDDLEWARE"> | undefined;
  /** What a step that checks for itself gave. */
  given: unknown;
  /** The position of the outermost `next` that has given something, to tell who lost it. */
  answered: number;
}

/** The step with an onion around it; the first middleware is the outermost. */
export function withMiddleware(step: Step, middlewares: readonly Middleware[], stage: StageInfo): Step {
  if (middlewares.length === 0) return step;
  const checksItself = step.input === undefined && step.output === undefined;
  let handler = innermost(step, checksItself, stage);
  for (const [position, middleware] of [...middlewares.entries()].toReversed()) {
    handler = handlerOf(middleware, nextOnce(handler, position, stage), stage);
  }
  const onion = handler;
  const isEndless = step.timeoutMs === Number.POSITIVE_INFINITY;
  // A middleware may change in place what the agents inside have checked; where that is safe, it is checked again.
  const mayCheckAgain = canParseOnce(step.outputSchema);
  const validator = validatorOf(step.outputSchema);
  const settle = (output: unknown, scope: Scope, state: Onion): unknown => {
    const breach = breachIn(state, middlewares.length);
    if (breach !== undefined) throw breach;
    if (output === undefined && state.answered < middlewares.length)
      return checkLost(validator, scope, state);
    if (!checksItself) return output;
    // A schema that transforms would do so twice: there, only what a middleware put in the output's place is checked.
    const isUntouched = state.given === output && !mayCheckAgain;
    return isUntouched ? output : checkValue(validator, output, scope, "output");
  };
  return {
    ...step,
    input: undefined,
    guarded: undefined,
    execute: (input, ctx) => {
      const ownTime = isEndless ? new OwnTime() : undefined;
      const state: Onion = {
        stage,
        depth: 0,
        pending: undefined,
        ownTime,
        breach: undefined,
        given: undefined,
        answered: middlewares.length,
      };
      ctx.onion = state;
      // A middleware may keep its `next`: the stages after this one get another context.
      ctx.isTouched = true;
      let output: unknown;
      try {
        output = onion(input, ctx);
      } catch (thrown) {
        throw failureOf(thrown, state, middlewares.length);
      }
      if (!isThenable(output)) return settle(output, ctx, state);
      const settled = promiseOf(output).then(
        (late) => settle(late, ctx, state),
        (thrown: unknown) => {
          throw failureOf(thrown, state, middlewares.length);
        },
      );
      return ownTime === undefined ? settled : ownTime.bound(settled, ctx, stage);
    },
  };
}

/** What an onion fails with; where the stage was not even called, that is a middleware's doing and not the agent's. */
function failureOf(thrown: unknown, { breach, depth, stage }: Onion, count: number): unknown {
  if (breach !== undefined) return breach;
  if (depth === count || AtomicError.isInstance(thrown)) return thrown;
  const made = toAtomicError(thrown);
  if (!AtomicError.isInstance(made, "EXECUTION")) return made;
  const text = made.details.thrown;
  return new AtomicError("EXECUTION", `${nameOf(depth, stage)} threw: ${text}`, {
    details: { thrown: text },
    cause: thrown,
    retryable: made.retryable,
    hint: made.hint,
  });
}

/** The stage itself, with the check of its input. */
function innermost(step: Step, checksItself: boolean, stage: StageInfo): Handler {
  return (input, ctx) => {
    const scope = scopeOf(ctx, stage);
    const { onion } = scope;
    onion?.ownTime?.enter();
    let output: unknown;
    try {
      output = checkedThen(step, input, scope);
    } catch (thrown) {
      onion?.ownTime?.leave();
      throw thrown;
    }
    const leave = (given: unknown): unknown => {
      onion?.ownTime?.leave();
      if (checksItself && onion !== undefined) onion.given = given;
      return given;
    };
    if (!isThenable(output)) return leave(output);
    if (!checksItself && onion?.ownTime === undefined) return output;
    return promiseOf(output).then(leave, (thrown: unknown) => {
      onion?.ownTime?.leave();
      throw thrown;
    });
  };
}

/** The `next` of one middleware, which may be called once in an attempt. */
function nextOnce(handler: Handler, position: number, stage: StageInfo): Handler {
  return (input, ctx) => {
    const scope = scopeOf(ctx, stage);
    scope.throwIfEnded();
    const { onion } = scope;
    if (onion === undefined || onion.stage !== stage)
      throw contextError(stage, "the context of another stage or run");
    if (onion.depth !== position) {
      const breach = breachOf(stage, position, "next-twice");
      onion.breach ??= breach;
      throw breach;
    }
    onion.depth++;
    const answered = (given: unknown): void => {
      if (given !== undefined) onion.answered = Math.min(onion.answered, position);
    };
    const output = handler(input, scope);
    if (!isThenable(output)) {
      answered(output);
      return output;
    }
    const promise = promiseOf(output);
    const pending = (onion.pending ??= []);
    pending[position] = true;
    const settled = (): void => {
      pending[position] = false;
    };
    // Also keeps a failure that the middleware does not wait for from ending the process as an unhandled one.
    promise.then((given) => {
      settled();
      answered(given);
    }, settled);
    return promise;
  };
}

/** What the middlewares did wrong, when they have given an output. */
function breachIn(
  { breach, depth, pending, stage }: Onion,
  count: number,
): AtomicError<"MIDDLEWARE"> | undefined {
  if (breach !== undefined) return breach;
  if (depth < count) return breachOf(stage, depth, "next-never");
  const position = pending?.indexOf(true) ?? -1;
  return position < 0 ? undefined : breachOf(stage, position, "next-pending");
}

/** Checks `undefined`, which a middleware gave though it had got something else from `next`. */
function checkLost(validator: Validator, scope: Scope, { answered, stage }: Onion): unknown {
  const fail = (thrown: unknown): never => {
    if (!AtomicError.isInstance(thrown, "VALIDATION_OUTPUT")) throw thrown;
    const { details } = thrown;
    throw new AtomicError(
      "VALIDATION_OUTPUT",
      `${nameOf(answered, stage)} gave nothing, though next gave it an output`,
      {
        details,
        retryable: false,
        hint: "Is a return missing? Return what next gives.",
      },
    );
  };
  try {
    const checked = checkValue(validator, undefined, scope, "output");
    return isThenable(checked) ? checked.then(undefined, fail) : checked;
  } catch (thrown) {
    return fail(thrown);
  }
}

/** A middleware, by its place. */
function nameOf(position: number, { pipeline, id }: StageInfo): string {
  return `Middleware ${position + 1} of pipeline "${pipeline}", around stage "${id}",`;
}

const told = {
  "next-twice": {
    what: "called next more than once",
    hint: "Call next once; to try again give the stage a retry.",
  },
  "next-never": {
    what: "gave an output without calling next",
    hint: "Return what next gives, or throw to refuse; to answer in the agent's place use fallback, branch or withCache.",
  },
  "next-pending": {
    what: "gave an output before next had given its own",
    hint: "Is an await missing? Await next, or return what it gives.",
  },
} as const;

function breachOf(stage: StageInfo, position: number, problem: keyof typeof told): AtomicError<"MIDDLEWARE"> {
  const { what, hint } = told[problem];
  return new AtomicError("MIDDLEWARE", `${nameOf(position, stage)} ${what}`, {
    details: { pipeline: stage.pipeline, stage: stage.id, position: position + 1, problem },
    hint,
  });
}

/** The context that a middleware hands on. */
function scopeOf(ctx: unknown, stage: StageInfo): Scope {
  // Contexts are only ever made as scopes.
  if (typeof ctx === "object" && ctx !== null && "endScope" in ctx && Object.hasOwn(ctx, "ended")) {
    return ctx as Scope;
  }
  throw contextError(stage, ctx);
}

function contextError(stage: StageInfo, got: unknown): AtomicError<"CONFIG"> {
  return configError(
    `A middleware of pipeline "${stage.pipeline}" around "${stage.id}"`,
    "the second argument of next",
    "the context that the middleware was given",
    got,
    "Call next(input, ctx).",
  );
}

function checkedThen(step: Step, input: unknown, scope: Scope): unknown {
  if (step.input === undefined) return step.execute(input, scope);
  const value = checkValue(step.input, input, scope, "input");
  if (!isThenable(value)) return step.execute(value, scope);
  return value.then((late) => {
    scope.throwIfEnded();
    return step.execute(late, scope);
  });
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
    // An async function was called as if it were the outer one: what it rejects with must not end the process.
    if (isThenable(handler)) void promiseOf(handler).catch(() => {});
    const hint =
      "Write .use((next, stage) => (input, ctx) => next(input, ctx)): a function that gives the handler.";
    throw configError(what, "use", "a middleware that gives a function", handler, hint);
  }
  // A function that a middleware gives is a handler by its type.
  return handler as Handler;
}
