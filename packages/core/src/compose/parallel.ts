import { type AnySchema, intersectionOf, objectOf } from "@atomic-agents/contracts";
import type { Agent, AgentInput, AnyAgent } from "../agent.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import { andThen } from "../maybe-promise.ts";
import type { Result } from "../result.ts";
import { programOfPart } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { slidingWindow } from "../sliding-window.ts";
import {
  checkSlots,
  compositeKeys,
  type CompositeOptions,
  concurrencyOf,
  makeComposite,
} from "./composite.ts";
import { resultOf } from "./result-schema.ts";
import { runPart } from "./run-part.ts";

/** Agents by the names of their slots. */
export type Slots = Readonly<Record<string, AnyAgent>>;

/** What all slots take: each gets the same input. */
export type SlotsInput<TSlots extends Slots> = IntersectionOf<
  { readonly [K in keyof TSlots]: Boxed<AgentInput<TSlots[K]>> }[keyof TSlots]
>;

/** What the slots give, by their names. */
export type SlotsOutput<TSlots extends Slots> = {
  -readonly [K in keyof TSlots]: TSlots[K] extends Agent<never, infer TOutput> ? TOutput : never;
};

/** The slots' outcomes, by their names. */
export type SlotsResults<TSlots extends Slots> = {
  -readonly [K in keyof TSlots]: TSlots[K] extends Agent<never, infer TOutput> ? Result<TOutput> : never;
};

/** Keeps a union whole while others are intersected. */
export interface Boxed<TValue> {
  readonly box: TValue;
}

/** The intersection of what a union of boxes holds. */
export type IntersectionOf<TBoxes> = (TBoxes extends unknown ? (value: TBoxes) => void : never) extends (
  value: infer TAll,
) => void
  ? TAll extends Boxed<infer TValue>
    ? TValue
    : never
  : never;

/** How agents are run in parallel. */
export interface ParallelOptions extends CompositeOptions {
  /** How many slots run at a time; 5. */
  readonly concurrency?: number | undefined;
  /** Give each slot's outcome as a value, instead of failing with the first failure. */
  readonly settled?: boolean | undefined;
}

/**
 * Gives the same input to several agents at the same time.
 *
 * The output is an object with each slot's output under its name; the input itself is not part of it. At the first
 * failure the other slots are aborted and the whole fails, unless `settled`: then each slot's outcome is a
 * `Result`, also where a slot does not take the input.
 *
 * @throws AtomicError `CONFIG` for no slots or a wrong option
 * @example
 * ```ts
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const both = parallel({ words: countWords, loud: shout });
 * console.log(await both.run("it fails")); // => { words: 2, loud: 'IT FAILS' }
 * ```
 */
export function parallel<const TSlots extends Slots>(
  slots: TSlots,
  options: ParallelOptions & { readonly settled: true },
): Agent<SlotsInput<TSlots>, SlotsResults<TSlots>>;
export function parallel<const TSlots extends Slots>(
  slots: TSlots,
  options?: ParallelOptions & { readonly settled?: false | undefined },
): Agent<SlotsInput<TSlots>, SlotsOutput<TSlots>>;
export function parallel(slots: Slots, options: ParallelOptions = {}): Agent<never, unknown> {
  const parts = checkSlots("parallel", slots);
  checkKeys("parallel", options, [...compositeKeys, "concurrency", "settled"]);
  const { settled = false } = options;
  const concurrency = concurrencyOf("parallel", options.concurrency);
  if (typeof settled !== "boolean") throw configError("parallel", "settled", "true or false", settled);
  const agents = [...parts.values()];
  const outputs: Record<string, AnySchema> = {};
  for (const [key, agent] of parts) outputs[key] = settled ? resultOf(agent.output) : agent.output;
  return makeComposite({
    what: "parallel",
    kind: "parallel",
    options,
    optionKeys: ["concurrency", "settled"],
    description: `Runs ${[...parts.keys()].join(", ")} on the same input.`,
    input: intersectionOf(agents.map((agent) => agent.input)),
    output: objectOf(outputs),
    parts,
    execute: () => {
      const programs = [...parts].map(([key, agent]) => [key, programOfPart(agent, key)] as const);
      return (input: unknown, ctx: Scope) => {
        const gathered: Record<string, unknown> = {};
        // All keys at once, so that their order is that of the slots, whichever ends first.
        for (const [key] of programs) gathered[key] = undefined;
        const working = slidingWindow(
          programs,
          ([key, program]) =>
            runPart(ctx, input, { program, label: undefined, isShown: true, settled }, (outcome) => {
              gathered[key] = outcome;
            }),
          { concurrency },
        );
        return andThen(working, () => gathered);
      };
    },
  });
}
