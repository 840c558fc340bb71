import { type AnySchema, tupleOf } from "@atomic-agents/contracts";
import type { Agent, AgentInput, AgentOutput, AnyAgent } from "../agent.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { checkKeys } from "../limits.ts";
import { andThen } from "../maybe-promise.ts";
import type { Result } from "../result.ts";
import { programOfPart } from "../run/step-of.ts";
import type { Scope } from "../run/scope.ts";
import { slidingWindow } from "../sliding-window.ts";
import {
  checkList,
  compositeKeys,
  type CompositeOptions,
  concurrencyOf,
  makeComposite,
} from "./composite.ts";
import { resultOf } from "./result-schema.ts";
import { runPart } from "./run-part.ts";

/** The agents of `zip`, by position. */
export type ZipAgents = readonly [AnyAgent, ...AnyAgent[]];

/** One input for each agent, by position. */
export type ZipInput<TAgents extends ZipAgents> = {
  readonly [K in keyof TAgents]: AgentInput<TAgents[K]>;
};

/** One output of each agent, by position. */
export type ZipOutput<TAgents extends ZipAgents> = {
  -readonly [K in keyof TAgents]: AgentOutput<TAgents[K]>;
};

/** One outcome of each agent, by position. */
export type ZipResults<TAgents extends ZipAgents> = {
  -readonly [K in keyof TAgents]: Result<AgentOutput<TAgents[K]>>;
};

/** How agents are zipped. */
export interface ZipOptions extends CompositeOptions {
  /** How many agents run at a time; 5. */
  readonly concurrency?: number | undefined;
  /** Give each agent's outcome as a value, instead of failing with the first failure. */
  readonly settled?: boolean | undefined;
}

/**
 * Gives each of several agents an input of its own: the first input to the first agent, and so on. Input and output are
 * tuples of as many items as there are agents; an input of another length is refused before any agent is called.
 *
 * Agents begin in order, at most `concurrency` at a time; outputs are in the order of the agents, whichever ends first.
 * At the first failure the others are aborted and the whole fails, unless `settled`: then each agent's outcome is a
 * `Result` in its place, and the error of a failed one says which agent it was. In stage paths an agent is named by its
 * position, counted from 0.
 *
 * @throws AtomicError at run time `VALIDATION_INPUT` for an input of another length; `CONFIG` for no agents or a wrong
 * option
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const double = defineAgent({
 *   name: "double",
 *   description: "Doubles a number.",
 *   input: z.number(),
 *   output: z.number(),
 *   execute: (number) => number * 2,
 * });
 * const both = zip([shout, double]);
 * console.log(await both.run(["it fails", 4])); // => [ 'IT FAILS', 8 ]
 * ```
 */
export function zip<const TAgents extends ZipAgents>(
  agents: TAgents,
  options: ZipOptions & { readonly settled: true },
): Agent<ZipInput<TAgents>, ZipResults<TAgents>>;
export function zip<const TAgents extends ZipAgents>(
  agents: TAgents,
  options?: ZipOptions & { readonly settled?: false | undefined },
): Agent<ZipInput<TAgents>, ZipOutput<TAgents>>;
export function zip(agents: ZipAgents, options: ZipOptions = {}): Agent<never, unknown> {
  const parts = checkList("zip", agents);
  checkKeys("zip", options, [...compositeKeys, "concurrency", "settled"]);
  const { settled = false } = options;
  const concurrency = concurrencyOf("zip", options.concurrency);
  if (typeof settled !== "boolean") throw configError("zip", "settled", "true or false", settled);
  const members = [...parts.values()];
  const outputs: AnySchema[] = members.map(({ output }) => (settled ? resultOf(output) : output));
  return makeComposite({
    what: "zip",
    kind: "zip",
    options,
    optionKeys: ["concurrency", "settled"],
    description: `Runs ${members.map(({ name }) => name).join(", ")}, each on an input of its own.`,
    input: tupleOf(members.map(({ input }) => input)),
    output: tupleOf(outputs),
    parts,
    execute: () => {
      const programs = [...parts].map(([position, agent]) => programOfPart(agent, position));
      return (input: unknown, ctx: Scope) => {
        if (!Array.isArray(input) || input.length !== programs.length) {
          throw wrongLength(programs.length, input, ctx);
        }
        const inputs: readonly unknown[] = input;
        const gathered: unknown[] = [];
        gathered.length = programs.length;
        const working = slidingWindow(
          programs,
          (program, index) =>
            runPart(ctx, inputs[index], { program, label: undefined, isShown: true, settled }, (outcome) => {
              gathered[index] = outcome;
            }),
          { concurrency },
        );
        return andThen(working, () => gathered);
      };
    },
  });
}

function wrongLength(length: number, input: unknown, ctx: Scope): AtomicError {
  const expected = `an array of ${length}`;
  const got = Array.isArray(input)
    ? `an array of ${input.length}`
    : input === null
      ? "null"
      : `a value of type ${typeof input}`;
  const { agent } = ctx["~frame"].program;
  return new AtomicError("VALIDATION_INPUT", `"${agent}" takes ${expected}, one input an agent; got ${got}`, {
    details: { issues: [{ path: "", message: `expected ${expected}, got ${got}`, expected, got }] },
    hint: "Give one input for each agent, in the order of the agents.",
  });
}
