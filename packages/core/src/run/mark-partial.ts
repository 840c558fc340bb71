import type { Context } from "../context.ts";
import type { Scope } from "./scope.ts";

/**
 * Says that a part of the work failed whose failure the output tells of, so that the run ends as `partial` rather than as
 * a success, as that of `parallel` with `settled` does. For agents that have their work done elsewhere, and learn there
 * that it is so. Where the attempt fails after all, it has said nothing. Nothing happens once it is over, or for what is no
 * agent's context.
 *
 * @example
 * ```ts
 * const lookUp = defineAgent({
 *   name: "look-up",
 *   description: "Asks two sources, of which one is down.",
 *   input: z.string(),
 *   output: z.object({ found: z.array(z.string()), missing: z.array(z.string()) }),
 *   execute: (word, ctx) => {
 *     markPartial(ctx);
 *     return { found: [`one: ${word}`], missing: ["two"] };
 *   },
 * });
 * const run = lookUp.start("atom");
 * await run.result;
 * console.log(run.status); // => partial
 * ```
 */
export function markPartial(ctx: Context): void {
  // Contexts of tests and of others' making have no frame.
  const { ended, "~frame": frame } = ctx as Partial<Scope>;
  if (ended === undefined) frame?.markPartial();
}
