import { type Resource, resource } from "@atomic-agents/core";
import type { Models } from "@atomic-agents/llm";

/**
 * Gives the runs of this process their models, where they have no resources of their own. To be called before the package
 * of language models is loaded.
 */
export function provideModels(models: Models): void {
  // As below.
  (globalThis as { [key]?: Resource<Models> })[key] = resource<Models>("models", { create: () => models });
}

const key = Symbol.for("atomic-agents.models");

/**
 * The resource that agents look up their models in: the one of the package of language models, which has the same key,
 * without the time that it takes to load it.
 */
export function modelsResource(): Resource<Models> {
  // Nobody else writes there but that package.
  const holder = globalThis as { [key]?: Resource<Models> };
  holder[key] ??= resource<Models>("models", {
    create: async () => (await import("@atomic-agents/llm")).createModels(),
  });
  return holder[key];
}
