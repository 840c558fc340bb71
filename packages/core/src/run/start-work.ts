import { anything } from "@atomic-agents/contracts";
import type { Context } from "../context.ts";
import type { RunOptionsOrContext } from "./options.ts";
import type { Run } from "./run.ts";
import { startProgram } from "./run-program.ts";
import { programOfParts } from "./step-of.ts";

/**
 * Starts a run whose work is a function rather than an agent: it has the run's context, and no limit of time but the
 * run's own. For what is no agent because it has no one input and output, such as a flow of records.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const run = startWork("count", async (ctx) => (ctx.signal.aborted ? 0 : 3));
 * console.log(await run.result); // => { ok: true, output: 3 }
 * ```
 */
export function startWork<TOutput>(
  name: string,
  work: (ctx: Context) => PromiseLike<TOutput>,
  options?: RunOptionsOrContext,
): Run<TOutput> {
  // What the work is given and gives is no business of the run's.
  const card = { name, input: anything(), output: anything() };
  const program = programOfParts(card, (_, ctx) => work(ctx), false);
  // The work's own promise, by its type.
  return startProgram(() => program, undefined, options) as Run<TOutput>;
}
