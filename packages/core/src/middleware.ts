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
 * throwing; what it gives is validated by the stage's output schema. It calls `next` exactly once, with the context that
 * it was given, unless it throws: a second call, and an output given without one, fail the stage with `MIDDLEWARE`.
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
