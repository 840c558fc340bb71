import type { AgentKind } from "../agent.ts";
import type { Work } from "../run/work.ts";

/** Something that stands around each call of an agent. Its keys are strings, so that two copies of the package fit. */
export interface Guard {
  /** What it is; also the kind of the agents that it stands around. */
  readonly "~guards": AgentKind;
  /** The work with the guard around it, for the agent of that name. */
  readonly "~guard": (next: Work, agent: string) => Work;
}

/** Says whether a value is a guard of a kind. */
export function isGuard(value: unknown, kind: AgentKind): value is Guard {
  if (typeof value !== "object" || value === null) return false;
  return "~guards" in value && value["~guards"] === kind && "~guard" in value;
}
