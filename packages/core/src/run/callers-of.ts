import type { Context } from "../context.ts";
import type { Scope } from "./scope.ts";

/**
 * The contexts in which the agent of a context was run, from the innermost to that of the run's first agent; none for what
 * is no agent's context. An agent that finds itself among them has been run by itself, through however many others. What
 * was run without a context is a run of its own, and has no callers.
 *
 * @example
 * ```ts
 * const inner = defineAgent({
 *   name: "inner",
 *   description: "Says how deep it runs.",
 *   input: z.null(),
 *   output: z.number(),
 *   execute: (_, ctx) => Array.from(callersOf(ctx)).length,
 * });
 * const outer = defineAgent({
 *   name: "outer",
 *   description: "Asks another agent.",
 *   input: z.null(),
 *   output: z.number(),
 *   execute: (_, ctx) => inner.run(null, ctx),
 * });
 * console.log(await inner.run(null), await outer.run(null)); // => 0 1
 * ```
 */
export function* callersOf(ctx: Context): Generator<Context, void> {
  // Contexts of tests and of others' making have no frame.
  let place = (ctx as Partial<Scope>)["~frame"]?.place;
  while (place !== undefined) {
    yield place.asked;
    ({ place } = place.parent);
  }
}
