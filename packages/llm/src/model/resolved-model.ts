import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { ModelMeter } from "../cost/model-meter.ts";
import type { Price } from "../cost/price.ts";

/** What an agent's `model` takes: an id such as `openai/gpt-5-mini`, a model object of the AI SDK, or several, tried in order. */
export type ModelChoice = string | LanguageModelV4 | readonly (string | LanguageModelV4)[];

/** A model that can be called, and what is known of it. */
export interface ResolvedModel {
  /** What it is called in reports, errors and prices: `openai/gpt-5-mini`. */
  readonly id: string;
  readonly model: LanguageModelV4;
  /** Whether the schema of an answer reaches the model by itself. Where not, it has to stand in the prompt. */
  readonly supportsSchema: boolean;
  /** Undefined where it is not known what the model costs. */
  readonly price: Price | undefined;
  /** Told what each call used. */
  readonly meter?: ModelMeter | undefined;
}

/** Says whether a value is a model object of the AI SDK, version 4 of its interface. */
export function isModelObject(value: unknown): value is LanguageModelV4 {
  return (
    typeof value === "object" &&
    value !== null &&
    "specificationVersion" in value &&
    value.specificationVersion === "v4" &&
    "doGenerate" in value &&
    "doStream" in value
  );
}
