import { addUsage, noUsage, type Usage } from "./usage.ts";

/** What was used of one model. */
export interface ModelUse {
  /** Its id. */
  readonly model: string;
  /** Requests that were sent to it, failed ones included. */
  readonly calls: number;
  readonly usage: Usage;
  /** Undefined where it is not known what the model costs. */
  readonly cost: number | undefined;
  /** Whether it only stands for a model. */
  readonly isSimulated: boolean;
}

/**
 * Adds up what is used of models, over all runs that are given the `createModels({ meter })` it belongs to.
 *
 * @example
 * ```ts
 * const meter = new ModelMeter();
 * const resources = createResources({ overrides: [[models, createModels({ meter })]] });
 * const greet = defineLlmAgent({
 *   name: "greet",
 *   description: "Greets.",
 *   model: "simulated",
 *   input: z.string(),
 *   output: z.string(),
 * });
 * await greet.run("Ada", { resources });
 * const [use] = meter.uses;
 * console.log(use?.model, use?.calls, use?.cost, use?.isSimulated); // => simulated 1 0 true
 * ```
 */
export class ModelMeter {
  readonly #uses = new Map<string, ModelUse>();

  /** What was used so far, a model each, in the order of their first calls. */
  get uses(): readonly ModelUse[] {
    return [...this.#uses.values()];
  }

  /** Counts a call. Its cost is undefined where the price is not known, and then so is that of all calls of the model. */
  add(model: string, usage: Usage, cost: number | undefined): void {
    const before = this.#uses.get(model);
    this.#uses.set(model, {
      model,
      calls: (before?.calls ?? 0) + 1,
      usage: addUsage(before?.usage ?? noUsage, usage),
      cost: sumOf(before === undefined ? 0 : before.cost, cost),
      isSimulated: model === "simulated" || model.startsWith("simulated/"),
    });
  }
}

function sumOf(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : first + second;
}
