import { type AnyAgent, isAgent } from "@atomic-agents/core";
import type { FlowStage } from "./flow-stage.ts";

/** What of a stage goes into the hash. */
export interface HashedStage extends FlowStage {
  /** What else decides its results, as JSON: a size, keys, an agent's version. */
  readonly design?: unknown;
}

/** Changes with the way in which designs are written down. */
const form = "atomic-agents-flow-1";

/**
 * Says in 64 hexadecimal digits what a flow does to records that do not fail: two flows with one hash may take each
 * other's dead letters. What is usually changed to mend a failure is not part of it: time limits, retries, `onError`,
 * concurrency, order, the code of functions and agents; nor are names of the flow, its source and its sinks.
 */
export function hashOf(stages: readonly HashedStage[], design: string | undefined): string {
  const parts = stages.map(({ id, kind, agent, design: own }) => [id, kind, agent ?? null, own ?? null]);
  const text = JSON.stringify([form, design ?? null, parts]);
  // Loaded by who asks for a hash, not by who imports this package.
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(text, "utf8").digest("hex");
}

/** What of an agent goes into the hash: name and version, and those of the agents it is composed of. */
export function identityOf(agent: AnyAgent): unknown {
  const parts = isAgent(agent) ? [...agent["~atomic"].parts()] : [];
  const { name, version } = agent;
  return parts.length === 0
    ? [name, version]
    : [name, version, parts.map(([id, part]) => [id, identityOf(part)])];
}
