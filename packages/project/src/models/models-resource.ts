import { type Resource, resource } from "@atomic-agents/core";
import type { Models } from "@atomic-agents/llm";

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
