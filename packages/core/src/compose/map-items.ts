import { arrayOf } from "@atomic-agents/contracts";
import type { Agent } from "../agent.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import { andThen } from "../maybe-promise.ts";
import type { Result } from "../result.ts";
import { programOfPart } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { slidingWindow } from "../sliding-window.ts";
import {
  checkPart,
  compositeKeys,
  type CompositeOptions,
  concurrencyOf,
  makeComposite,
} from "./composite.ts";
import { resultOf } from "./result-schema.ts";
import { runPart } from "./run-part.ts";

/** How an agent is run over an array. */
export interface MapItemsOptions extends CompositeOptions {
  /** How many items are worked on at a time; 5. */
  readonly concurrency?: number | undefined;
  /** Give each item's outcome as a value, instead of failing with the first failure. */
  readonly settled?: boolean | undefined;
}

/**
 * Runs an agent over the items of an array; the outputs are in the order of the items. At the first failure the
 * other items are aborted and the whole fails, unless `settled`.
 *
 * Items may be many, so a run's events and report show the whole as one stage, and nothing of what happens inside: no
 * stages or retries of an item, nor what its agents say with `ctx.emit`. An error names the item by its index
 * in `error.stage`. Whoever needs to watch items logs them with `ctx.log`, or collects in what the agent returns.
 *
 * @throws AtomicError `CONFIG` for a wrong option
 * @example
 * ```ts
 * const countWords = defineAgent({
 *   name: "count-words",
 *   description: "Counts words.",
 *   input: z.string(),
 *   output: z.number(),
 *   execute: (text) => text.split(" ").length,
 * });
 * const countAll = mapItems(countWords, { concurrency: 2 });
 * console.log(await countAll.run(["a b", "c"])); // => [ 2, 1 ]
 * ```
 */
export function mapItems<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  options: MapItemsOptions & { readonly settled: true },
): Agent<readonly TInput[], Result<TOutput>[]>;
export function mapItems<TInput, TOutput>(
  agent: Agent<TInput, TOutput>,
  options?: MapItemsOptions & { readonly settled?: false | undefined },
): Agent<readonly TInput[], TOutput[]>;
export function mapItems(agent: Agent<never, unknown>, options: MapItemsOptions = {}): Agent<never, unknown> {
  checkPart("mapItems", agent);
  checkKeys("mapItems", options, [...compositeKeys, "concurrency", "settled"]);
  const concurrency = concurrencyOf("mapItems", options.concurrency);
  const { settled = false } = options;
  if (typeof settled !== "boolean") throw configError("mapItems", "settled", "true or false", settled);
  return makeComposite({
    what: "map-items",
    kind: "map-items",
    options,
    optionKeys: ["concurrency", "settled"],
    description: `Runs ${agent.name} over the items of an array.`,
    input: arrayOf(agent.input),
    output: arrayOf(settled ? resultOf(agent.output) : agent.output),
    parts: new Map([[agent.name, agent]]),
    execute: () => {
      const program = programOfPart(agent, agent.name);
      return (input: unknown, ctx: Scope) => {
        if (!Array.isArray(input)) throw notAnArray(input, ctx);
        const outputs: unknown[] = [];
        outputs.length = input.length;
        const working = slidingWindow(
          input,
          (item, index) =>
            // Items are many: events and report do not show them.
            runPart(ctx, item, { program, label: String(index), isShown: false, settled }, (outcome) => {
              outputs[index] = outcome;
            }),
          { concurrency },
        );
        return andThen(working, () => outputs);
      };
    },
  });
}

function notAnArray(input: unknown, ctx: Scope): AtomicError {
  const got = input === null ? "null" : `a value of type ${typeof input}`;
  const { agent } = ctx["~frame"].program;
  return new AtomicError("VALIDATION_INPUT", `"${agent}" takes an array, got ${got}`, {
    details: { issues: [{ path: "", message: "expected an array", expected: "array", got }] },
    hint: "Give the items as an array, also when there is only one.",
  });
}
