import type { AnyAgent } from "@atomic-agents/core";

let loading: Promise<readonly AnyAgent[]> | undefined;

/**
 * The agents that come with the project, in the order of their names: always the same ones. Their code is loaded with the
 * first call, their language data when one of them is run.
 */
export function loadBuiltInAgents(): Promise<readonly AnyAgent[]> {
  loading ??= load();
  return loading;
}

async function load(): Promise<readonly AnyAgent[]> {
  const [{ textAgents }, { redactRecords }, llmAgents] = await Promise.all([
    import("@atomic-agents/text"),
    import("./capabilities/redact/redact-records.ts"),
    import("./models/built-in-llm-agents.ts").then(({ plainLlmAgents }) => plainLlmAgents()),
  ]);
  return [...textAgents, ...llmAgents, redactRecords()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
