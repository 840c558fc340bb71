import type { ResourceNeeds } from "@atomic-agents/project";

/** Whether what is listed works, and is used. */
export type ListedState = "ran" | "configured" | "broken";

/** The last run of something. */
export interface LastRun {
  readonly runId: string;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** An agent, a pipeline, a flow or a kind of stage, as `atomic list` tells it; absent is what is not known. */
export interface Listed {
  readonly kind: "agent" | "pipeline" | "flow" | "stage";
  readonly name: string;
  /** What it is: as agents say it themselves, such as `agent`, `pipeline` or `parallel`; or `flow`, or `stage`. */
  readonly type: string;
  /** Where it comes from: `built in`, a module, or a file. */
  readonly from: string;
  readonly state: ListedState;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly capabilities?: readonly string[] | undefined;
  /** What of a computer it takes: for deployments, not enforced. */
  readonly needs?: ResourceNeeds | undefined;
  /** The model that it asks. */
  readonly model?: string | undefined;
  /** Its own last run, or that of what uses it. */
  readonly lastRun?: LastRun | undefined;
  /** Why it does not work. */
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
}

/** Where from what is built in is. */
export const builtInFrom = "built in";

/** Whether something is built in, so that it is not one of the project's own things. */
export function isBuiltIn({ from }: Listed): boolean {
  return from === builtInFrom;
}
