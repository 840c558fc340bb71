import type { Agent } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import { type Guard, isGuard } from "../policies/guard.ts";
import { checkPart, type CompositeOptions } from "./composite.ts";
import { makeWrapper, wrappedStep } from "./wrapper.ts";

interface Guarded<TInput, TOutput> {
  /** The wrapping function, for error messages. */
  readonly what: string;
  /** What the guard has to be, and which class it is of. */
  readonly kind: Guard["~guards"];
  readonly className: string;
  readonly agent: Agent<TInput, TOutput>;
  readonly guard: Guard;
  readonly options: CompositeOptions;
}

/** An agent with a guard around each of its calls. @throws AtomicError `CONFIG` */
export function withGuard<TInput, TOutput>(guarded: Guarded<TInput, TOutput>): Agent<TInput, TOutput> {
  const { what, kind, className, agent, guard, options } = guarded;
  checkPart(what, agent);
  if (!isGuard(guard, kind)) {
    throw configError(
      what,
      "its second argument",
      `a ${className}`,
      guard,
      `Make one with new ${className}.`,
    );
  }
  return makeWrapper({
    what,
    kind,
    agent,
    options,
    step: () => wrappedStep(agent, (next) => guard["~guard"](next, agent.name)),
  });
}
