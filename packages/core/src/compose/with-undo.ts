import type { Agent } from "../agent.ts";
import type { Context } from "../context.ts";
import { configError } from "../errors/config-error.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { UndoEntry } from "../run/frame-parts.ts";
import { keepUndo } from "../run/undoing.ts";
import { pendingOf } from "../run/pending.ts";
import { checkPart, type CompositeOptions } from "./composite.ts";
import { makeWrapper, wrappedStep } from "./wrapper.ts";

/**
 * An agent whose work is undone when the run that it was part of stops later on: with an error, or because it is
 * cancelled. What was done last is undone first, each thing once, before the run tells its outcome.
 *
 * Undoing belongs to the smallest part that failed: when a stage with a retry fails after it has run such agents, they
 * are undone before the next attempt; likewise when a `fallback` goes on to its next agent, or an item of a settled
 * `mapItems` fails. An agent that failed itself is not undone; one that was given up on and succeeds after all is, as
 * soon as it has.
 *
 * `undo` gets a context of its own, whose signal is not the run's, and 30 seconds. When it fails, the event
 * `stage-undo-error`, the report and the log say so, and the others are undone all the same.
 *
 * @param undo gets what the agent gave, and the input that it was called with
 * @throws AtomicError `CONFIG` for a wrong argument
 * @example
 * ```ts
 * const shelf = new Set<string>();
 * const reserve = defineAgent({
 *   name: "reserve",
 *   description: "Puts an item aside.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (item) => {
 *     shelf.add(item);
 *     return item;
 *   },
 * });
 * const charge = defineAgent({
 *   name: "charge",
 *   description: "Stands for a payment that is refused.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: () => {
 *     throw new Error("card refused");
 *   },
 * });
 * const order = pipeline("order")
 *   .stage(withUndo(reserve, (item) => void shelf.delete(item)))
 *   .stage(charge);
 * const result = await order.tryRun("book");
 * console.log(result.ok, shelf.size); // => false 0
 * ```
 */
export function withUndo<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  undo: (output: NoInfer<TOutput>, input: NoInfer<TInput>, ctx: Context) => MaybePromise<void>,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  checkPart("withUndo", agent);
  if (typeof undo !== "function") throw configError("withUndo", "undo", "a function", undo);
  // It is given what the agent took and gave, which is what the types say.
  const undoAny = undo as UndoEntry["undo"];
  return makeWrapper({
    what: "withUndo",
    kind: "undo",
    agent,
    options,
    step: () =>
      wrappedStep(agent, (next) => (input, ctx) => {
        const frame = ctx["~frame"];
        const { index } = frame;
        const keep = (output: unknown): void =>
          keepUndo(ctx, { undo: undoAny, output, input, frame, index, agent: agent.name });
        const output = next(input, ctx);
        const pending = pendingOf(output);
        if (pending !== undefined) return pending.watch({ succeed: keep, fail: () => {} });
        keep(output);
        return output;
      }),
  });
}
