/** One call of a scripted agent. The record of a call that is running is brought up to date when it ends. */
export interface ScriptedCall<TInput> {
  /** Counted from 0. */
  readonly index: number;
  /** What the agent's code was given: the parsed input, not a copy. */
  readonly input: TInput;
  readonly runId: string;
  readonly requestId: string;
  /** On the scale of the run's `clock.now()`. */
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** How the agent's code ended; what became of its output afterwards is not its business. */
  readonly outcome: "running" | "returned" | "threw";
  /** Whether the signal aborted while the call ran. */
  readonly aborted: boolean;
  readonly abortedAtMs: number | undefined;
}
