import { AtomicError, type Secret } from "@atomic-agents/core";
import type { Endpoint, ModelMeter, Models } from "@atomic-agents/llm";
import type { Problem } from "../files/problem.ts";
import { ProjectError } from "../files/project-error.ts";
import type { TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import type { PlaceInDocument } from "../project/project.ts";
import type { EndpointOfFile, ModelsOfFile, ValueOfFile } from "../schemas/project-file.ts";

/** The model of agents that are not told which to ask: an alias that the file may give. */
export const defaultModel = "default";

/** What a project's models are made of. */
export interface ModelsSurroundings {
  readonly document: TextDocument | undefined;
  readonly content: { readonly models: ModelsOfFile | undefined };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly problemsAt: (path: TextPath) => readonly Problem[];
  readonly readValue: (value: ValueOfFile, place: PlaceInDocument) => Promise<Secret | string>;
}

/** How models are chosen and counted besides what the file says. */
export interface ModelsChoice {
  /** Stands in the place of every model that agents ask: an id or an alias, over what the project's file says. */
  readonly model?: string | undefined;
  /** Adds up what is used of models. */
  readonly meter?: ModelMeter | undefined;
  /** Told the meter, a new one unless one is given, when the first model is asked for. */
  readonly onMeter?: ((meter: ModelMeter) => void) | undefined;
}

/** The models of a project. Nothing is loaded, and no key read, before an agent asks for one. */
export function projectModels(surroundings: ModelsSurroundings, choice: ModelsChoice): Models {
  let making: Promise<Models> | undefined;
  return {
    resolve: async (wanted) => {
      const { aliases = {}, override } = surroundings.content.models ?? {};
      const isDefault = wanted === defaultModel && (choice.model ?? override) === undefined;
      if (isDefault && !Object.hasOwn(aliases, defaultModel)) throw noDefault();
      making ??= makeModels(surroundings, choice);
      // What is wrong may be mended, and is then to be found.
      making.catch(() => (making = undefined));
      return (await making).resolve(wanted);
    },
  };
}

async function makeModels(surroundings: ModelsSurroundings, choice: ModelsChoice): Promise<Models> {
  const { model, onMeter } = choice;
  const { content, environment, problemsAt } = surroundings;
  const errors = problemsAt(["models"]).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ProjectError(errors);
  const { createModels, keyVariables, ModelMeter: Meter } = await import("@atomic-agents/llm");
  const { endpoints = {}, aliases, prices, override } = content.models ?? {};
  const found = new Map<string, Endpoint>();
  // The environment of the project need not be that of the process.
  for (const [name, variable] of Object.entries(keyVariables)) {
    found.set(name, { apiKey: () => environment[variable] ?? "" });
  }
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const own = await endpointOf(endpoint, ["models", "endpoints", name], surroundings);
    found.set(name, { ...found.get(name), ...own });
  }
  const meter = choice.meter ?? (onMeter === undefined ? undefined : new Meter());
  if (meter !== undefined) onMeter?.(meter);
  return createModels({
    endpoints: Object.fromEntries(found),
    aliases,
    prices,
    override: model ?? override,
    meter,
  });
}

async function endpointOf(
  { baseUrl, apiKey, headers, supportsSchema }: EndpointOfFile,
  path: TextPath,
  { document, readValue }: ModelsSurroundings,
): Promise<Endpoint> {
  if (document === undefined) throw new Error("unreachable: endpoints are read from a document");
  const plain = {
    ...(baseUrl !== undefined && { baseUrl }),
    ...(supportsSchema !== undefined && { supportsSchema }),
  };
  const read = (value: ValueOfFile, ...inside: readonly string[]) =>
    readValue(value, { document, path: [...path, ...inside] });
  try {
    const key = apiKey && (await read(apiKey, "apiKey"));
    const told: [string, Secret | string][] = [];
    for (const [name, value] of Object.entries(headers ?? {}))
      told.push([name, await read(value, "headers", name)]);
    return {
      ...plain,
      ...(key !== undefined && { apiKey: key }),
      ...(headers !== undefined && { headers: revealed(told) }),
    };
  } catch (error) {
    // Whoever asks another server's models need not have this one's key.
    const fail = () => {
      throw error;
    };
    return { ...plain, apiKey: fail };
  }
}

/** Held, so that no log shows what has been revealed. */
const guarded = new Set<Secret>();

function revealed(
  headers: readonly (readonly [string, Secret | string])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headers.map(([name, value]) => {
      if (typeof value === "string") return [name, value];
      guarded.add(value);
      return [name, value.reveal()];
    }),
  );
}

function noDefault(): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", "It is not said which model is to be asked", {
    details: { path: "models.aliases.default", expected: "the id of a model", got: "nothing" },
    hint: "Say models: { aliases: { default: openai/gpt-5-mini } } in atomic.yaml, or --model; the model simulated answers offline.",
  });
}
