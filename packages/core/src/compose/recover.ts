import { validatorOf } from "@atomic-agents/contracts";
import type { Agent } from "../agent.ts";
import type { Context } from "../context.ts";
import type { AnyAtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { asAtomicError } from "../errors/to-atomic-error.ts";
import { checkKeys } from "../limits.ts";
import { andThen, isThenable } from "../maybe-promise.ts";
import type { Primitive, Returns } from "../returns.ts";
import type { Scope } from "../run/scope.ts";
import { checkValue } from "../run/check-value.ts";
import { programOfWrapped, withinTime } from "../run/step-of.ts";
import { checkPart, compositeKeys, type CompositeOptions, makeComposite } from "./composite.ts";

/**
 * Turns an agent's failures into outputs. What `toOutput` gives is parsed by the agent's output schema; where that
 * schema transforms, the outcome has to be one that it takes, too. A cancelled run is not recovered; an input that
 * the agent does not take is.
 *
 * @param toOutput gets the error and the input as it was given, which need not be valid; may be async
 * @throws AtomicError `CONFIG` for a wrong argument
 * @example
 * ```ts
 * const askService = defineAgent({
 *   name: "ask-service",
 *   description: "Stands for a service that is down.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async () => {
 *     throw new Error("connection refused");
 *   },
 * });
 * const safe = recover(askService, (error) => `no answer: ${error.code}`);
 * console.log(await safe.run("hello")); // => no answer: EXECUTION
 * ```
 */
export function recover<TInput, TOutput, TLiteral extends Primitive = never>(
  agent: Agent<TInput, TOutput>,
  toOutput: (error: AnyAtomicError, input: TInput, ctx: Context) => Returns<NoInfer<TOutput>, TLiteral>,
  options: CompositeOptions = {},
): Agent<TInput, TOutput> {
  checkPart("recover", agent);
  checkKeys("recover", options, compositeKeys);
  if (typeof toOutput !== "function") throw configError("recover", "toOutput", "a function", toOutput);
  // The parts take and give what the types say; the composite only hands their values on.
  return makeComposite({
    what: "recover",
    kind: "recover",
    options: { name: agent.name, ...options },
    optionKeys: [],
    description: agent.description,
    input: agent.input,
    output: agent.output,
    parts: new Map([[agent.name, agent]]),
    execute: () => {
      const program = programOfWrapped(agent, undefined);
      const validator = validatorOf(agent.output);
      return (input: unknown, ctx: Scope) => {
        const onFailure = (thrown: unknown): unknown => {
          const error = asAtomicError(thrown);
          if (error.code === "CANCELLED" || ctx.ended !== undefined) throw thrown;
          const output = toOutput(error as AnyAtomicError, input as TInput, ctx);
          return andThen(withinTime(output, ctx), (late) => checkValue(validator, late, ctx, "output"));
        };
        let output: unknown;
        try {
          output = ctx["~frame"].spawn(ctx, program, undefined, true).enter(input);
        } catch (thrown) {
          return onFailure(thrown);
        }
        return isThenable(output) ? output.then(undefined, onFailure) : output;
      };
    },
  }) as Agent<TInput, TOutput>;
}
