import type { AnySchema, Validator } from "@atomic-agents/contracts";
import type { OnError, RetryPolicy } from "../policy.ts";
import type { Execute, Work } from "./work.ts";

/** A retry policy with its defaults filled in. */
export interface ResolvedRetry {
  readonly attempts: number;
  readonly baseDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly jitter: "full" | "none";
  readonly when: RetryPolicy["when"];
}

/** One stage, ready to run: check the input, do the work, check the output. */
export interface Step {
  /** The stage's id; unique in its program. */
  readonly id: string;
  /** The name of the agent. */
  readonly agent: string;
  readonly inputSchema: AnySchema;
  readonly outputSchema: AnySchema;
  /** Absent where the agent checks for itself, or where the stage before has just checked the same schema. */
  readonly input: Validator | undefined;
  readonly output: Validator | undefined;
  readonly execute: Execute;
  /** Of a step with guards around it: does the same without a promise for them, to whoever can finish a `Pending`. */
  readonly guarded: Work | undefined;
  /** The most one attempt may take; `Infinity` for no limit. */
  readonly timeoutMs: number;
  /** Whether a policy said so, rather than a default. */
  readonly hasOwnTimeout: boolean;
  readonly retry: ResolvedRetry | undefined;
  readonly onError: OnError | undefined;
}

/** What an agent does when it is run: its steps in sequence. An agent that does the work itself has one. */
export interface Program {
  /** The agent's name. */
  readonly agent: string;
  readonly steps: readonly Step[];
  /** Whether the steps are a pipeline's stages, so that they show in stage paths, events and the report. */
  readonly staged: boolean;
  /** Whether its one step is a composed agent's own, which shows by its parts alone. */
  readonly isComposite: boolean;
  /** Whether its one step may stand in another program: what it does needs no frame of its own. */
  readonly isPlain: boolean;
  /** Whether it makes its output of many parts': a draft of one part's is none of its own. */
  readonly gathers?: boolean;
}
