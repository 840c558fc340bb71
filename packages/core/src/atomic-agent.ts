import type { AnySchema, InferInput, InferOutput } from "@atomic-agents/contracts";
import type { Agent, AgentInternals } from "./agent.ts";
import { agentFunctions, checkName, nextAgentId } from "./base-agent.ts";
import type { Context } from "./context.ts";
import { checkCard } from "./define-agent.ts";
import type { MaybePromise } from "./maybe-promise.ts";
import type { Result } from "./result.ts";
import type { RunOptionsOrContext } from "./run/options.ts";
import { programOfWork } from "./run/step-of.ts";
import type { Run } from "./run/run.ts";

/**
 * Base class of agents that keep state between calls. The subclass says its parts as fields and its work as
 * `execute`, whose types have to be written: TypeScript gives the parameters of overridden methods none.
 *
 * @example
 * ```ts
 * const In = z.object({ text: z.string() });
 * const Out = z.object({ seen: z.int() });
 *
 * class Counter extends AtomicAgent<typeof In, typeof Out> {
 *   readonly name = "counter";
 *   readonly description = "Counts its calls.";
 *   readonly input = In;
 *   readonly output = Out;
 *   #seen = 0;
 *
 *   protected execute(_input: z.output<typeof In>): z.input<typeof Out> {
 *     this.#seen++;
 *     return { seen: this.#seen };
 *   }
 * }
 * console.log(await new Counter().run({ text: "a" })); // => { seen: 1 }
 * ```
 */
export abstract class AtomicAgent<TInputSchema extends AnySchema, TOutputSchema extends AnySchema>
  implements Agent<InferInput<TInputSchema>, InferOutput<TOutputSchema>>
{
  abstract readonly name: string;
  abstract readonly description: string;
  abstract readonly input: TInputSchema;
  abstract readonly output: TOutputSchema;
  readonly version: string = "1.0.0";
  readonly capabilities: readonly string[] = [];

  readonly "~atomic": AgentInternals;
  readonly run: (
    input: InferInput<TInputSchema>,
    options?: RunOptionsOrContext,
  ) => Promise<InferOutput<TOutputSchema>>;
  readonly tryRun: (
    input: InferInput<TInputSchema>,
    options?: RunOptionsOrContext,
  ) => Promise<Result<InferOutput<TOutputSchema>>>;
  readonly start: (
    input: InferInput<TInputSchema>,
    options?: RunOptionsOrContext,
  ) => Run<InferOutput<TOutputSchema>>;
  #id: string | undefined;

  /** Reads nothing of the subclass, whose fields are not there yet. */
  constructor() {
    const functions = agentFunctions<InferInput<TInputSchema>, InferOutput<TOutputSchema>>({
      kind: "agent",
      program: () => {
        checkName(`Agent class ${this.constructor.name}`, "name", this.name);
        checkCard(`Agent "${this.name}"`, this);
        return programOfWork(this, (value, ctx) => this.execute(value, ctx));
      },
    });
    this["~atomic"] = functions["~atomic"];
    this.run = functions.run;
    this.tryRun = functions.tryRun;
    this.start = functions.start;
  }

  get id(): string {
    this.#id ??= nextAgentId(this.name);
    return this.#id;
  }

  /** The work: gets the parsed input; what it returns is parsed by the output schema. */
  protected abstract execute(
    input: InferOutput<TInputSchema>,
    ctx: Context,
  ): MaybePromise<InferInput<TOutputSchema>>;
}
