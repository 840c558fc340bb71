import type { LanguageModelV4 } from "@ai-sdk/provider";
import { checkKeys, configError, type Resource, resource } from "@atomic-agents/core";
import { checkText } from "../check-text.ts";
import { listPrices } from "../cost/list-prices.ts";
import { ModelMeter } from "../cost/model-meter.ts";
import { checkPrices, type Price, type PriceTable } from "../cost/price.ts";
import { checkEndpoint, type Endpoint } from "./endpoint.ts";
import { openAiCompatible } from "./open-ai-compatible.ts";
import { isProviderName, providerModel, providers } from "./providers.ts";
import { isModelObject, type ModelChoice, type ResolvedModel } from "./resolved-model.ts";

/** Where models come from, and what they cost. */
export interface ModelsOptions {
  /** Servers by name: `vllm` makes `vllm/qwen3` a model's id. */
  readonly endpoints?: Readonly<Record<string, Endpoint>> | undefined;
  /** Other names for models: `{ small: "openai/gpt-5-mini" }`. */
  readonly aliases?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Stands in the place of every model, whatever an agent asks for; an id, an alias or a model. */
  readonly override?: string | LanguageModelV4 | undefined;
  /** Over the list prices that are known. */
  readonly prices?: PriceTable | undefined;
  /** Adds up what is used of these models. */
  readonly meter?: ModelMeter | undefined;
}

/** Finds models by their ids. Made by `createModels`. */
export interface Models {
  /**
   * The models that are meant, in the order in which they are to be tried.
   *
   * @throws AtomicError `CONFIG` for an id that nobody knows, and without a key
   */
  readonly resolve: (choice: ModelChoice) => Promise<readonly ResolvedModel[]>;
}

/**
 * Says where models come from. Ids have two parts: `openai/…`, `anthropic/…` and `groq/…` with the keys of
 * `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` and `GROQ_API_KEY`; the name of an endpoint and its model; `simulated`, which
 * answers offline.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * const found = createModels({
 *   endpoints: { ollama: { baseUrl: "http://localhost:11434/v1" } },
 *   aliases: { small: "ollama/qwen3:4b" },
 * });
 * const [small] = await found.resolve("small");
 * console.log(small?.id, small?.price); // => ollama/qwen3:4b undefined
 * ```
 */
export function createModels(options: ModelsOptions = {}): Models {
  const what = "createModels";
  checkKeys(what, options, ["endpoints", "aliases", "override", "prices", "meter"]);
  const { endpoints = {}, aliases = {}, override, prices = {}, meter } = options;
  if (meter !== undefined && !(meter instanceof ModelMeter)) {
    throw configError(what, "meter", "new ModelMeter()", meter);
  }
  for (const [name, endpoint] of Object.entries(endpoints)) {
    if (name.includes("/") || name === "simulated") {
      throw configError(what, `endpoints.${name}`, 'a name without a slash, and not "simulated"', name);
    }
    checkEndpoint(`${what}: endpoints.${name}`, endpoint);
    if (endpoint.baseUrl === undefined && !isProviderName(name)) {
      throw configError(what, `endpoints.${name}.baseUrl`, "an address", undefined);
    }
  }
  checkPrices(what, prices);
  const priceOf = (id: string): Price | undefined => prices[id] ?? listPrices[id];
  const known = new Map<string, Promise<ResolvedModel>>();

  const find = async (id: string): Promise<ResolvedModel> => {
    checkText("A model", "its id", id);
    const slash = id.indexOf("/");
    const [place, name] = slash < 0 ? [id, ""] : [id.slice(0, slash), id.slice(slash + 1)];
    if (place === "simulated") {
      const { simulatedModel } = await import("../simulated/index.ts");
      const model = simulatedModel(name === "" ? {} : { seed: name });
      return { id, model, supportsSchema: true, price: priceOf(id) ?? free };
    }
    const endpoint = Object.hasOwn(endpoints, place) ? endpoints[place] : undefined;
    if (name === "" || (endpoint === undefined && !isProviderName(place))) {
      throw unknownModel(id, [...Object.keys(aliases), ...Object.keys(endpoints).map((own) => `${own}/…`)]);
    }
    const model = isProviderName(place)
      ? await providerModel(place, name, endpoint ?? {})
      : await openAiCompatible({ ...endpoint, baseUrl: endpoint?.baseUrl ?? "", model: name, name: place });
    return { id, model, supportsSchema: endpoint?.supportsSchema ?? true, price: priceOf(id) };
  };
  const resolveId = (id: string): Promise<ResolvedModel> => {
    let found = known.get(id);
    if (found === undefined) {
      found = find(id);
      known.set(id, found);
      // A key that is missing now may be there at the next try.
      found.catch(() => known.delete(id));
    }
    return found;
  };
  const resolveOne = (choice: unknown): Promise<ResolvedModel> => {
    if (typeof choice === "string") return resolveId(choice);
    if (isModelObject(choice)) {
      // A provider tells which of its protocols it is, too: "openai.responses".
      const id = `${choice.provider.replace(/\..*/, "")}/${choice.modelId}`;
      return Promise.resolve({ id, model: choice, supportsSchema: true, price: priceOf(id) });
    }
    throw configError(
      "A model",
      "it",
      "an id like openai/gpt-5-mini, or a model object of the AI SDK 7",
      choice,
    );
  };
  return {
    resolve: async (choice) => {
      const asked: readonly unknown[] = Array.isArray(choice) ? choice : [choice];
      if (asked.length === 0) throw configError("A model", "it", "at least one", choice);
      const wanted = override === undefined ? asked : [override];
      const ids = wanted.flatMap((one) =>
        typeof one === "string" && Object.hasOwn(aliases, one) ? (aliases[one] ?? []) : one,
      );
      if (ids.length === 0) {
        throw configError("A model", "it", "at least one", choice, "Look at the override and the aliases.");
      }
      const found = await Promise.all(ids.map(resolveOne));
      return meter === undefined ? found : found.map((model) => ({ ...model, meter }));
    },
  };
}

const modelsKey = Symbol.for("atomic-agents.models");

/** What costs nothing. */
const free: Price = { inputPerMillion: 0, outputPerMillion: 0 };

/**
 * The models of a run: agents look up their ids here. `createResources({ overrides: [[models, createModels({ … })]] })` says
 * otherwise for all runs that are given those resources, without touching an agent.
 */
export const models: Resource<Models> = sharedModels();

/** The same in all copies of this package in a process, so that none asks a paid model where a run has been given another. */
function sharedModels(): Resource<Models> {
  // Nobody else writes there but whoever gives runs their models.
  const holder = globalThis as { [modelsKey]?: Resource<Models> };
  holder[modelsKey] ??= resource<Models>("models", { create: () => createModels() });
  return holder[modelsKey];
}

function unknownModel(id: string, own: readonly string[]): Error {
  const forms = new Set([...Object.keys(providers).map((name) => `${name}/…`), "simulated", ...own]);
  return configError(
    "A model",
    "its id",
    `one of the forms ${[...forms].join(", ")}`,
    id,
    "For a server of your own, say where it is: createModels({ endpoints: { vllm: { baseUrl } } }).",
  );
}
