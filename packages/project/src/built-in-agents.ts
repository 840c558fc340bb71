import type { AnyAgent } from "@atomic-agents/core";

/**
 * The agents that come with the project, in the order of their names. Their code is loaded with the first call, their
 * language data when one of them is run.
 */
export async function loadBuiltInAgents(): Promise<readonly AnyAgent[]> {
  const { textAgents } = await import("@atomic-agents/text");
  return textAgents.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
