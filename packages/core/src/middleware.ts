import type { AnyAgent } from "./agent.ts";
import type { Context } from "./context.ts";

/** A step of an onion: takes an input and gives an output or a promise of it. */
export type Handler = (input: unknown, ctx: Context) => unknown;

/** The stage that a middleware is around. */
export interface StageInfo {
  readonly pipeline: string;
  readonly id: string;
  readonly agent: AnyAgent;
}

/**
 * Code around every stage of a pipeline. It is called once a stage, when the pipeline is first run, and gives the
 * handler that every attempt goes through. It may look at the input and the output, change them, or refuse by
 * throwing; what it hands to `next` and what it gives are validated by the stage's schemas.
 *
 * A handler calls `next` exactly once, with the context that it was given, and waits for what it gives, unless it
 * throws. A second call, an output without a call, and one before `next` has given its own fail the attempt with
 * `MIDDLEWARE`, whatever the handler catches. When the attempt is over, `next` starts nothing and throws `CANCELLED`.
 *
 * The stage's timeout is that of its middlewares, too. A composed stage without one leaves them 120 seconds of their
 * own before it begins and after it has ended.
 *
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const noting: Middleware = (next, stage) => async (input, ctx) => {
 *   const output = await next(input, ctx);
 *   console.log(stage.id, input, output);
 *   return output;
 * };
 * await pipeline("loud").stage(shout).use(noting).run("hello");
 * // => shout hello HELLO
 * ```
 */
export type Middleware = (next: Handler, stage: StageInfo) => Handler;
