import type { BehaviourId } from "./behaviours.ts";
import type { VirtualClock } from "../virtual-clock.ts";

/** What an agent is tried with. */
export interface ConformanceOptions<TInput> {
  /** Inputs that the agent takes and gives an output for; at least one. They are used many times. */
  readonly valid: readonly TInput[];
  /** Inputs that the agent's input schema refuses. Without any, what is to be seen on them is not applicable. */
  readonly invalid?: readonly unknown[] | undefined;
  /**
   * Drives an agent whose waits are all on its run's clock, without real waiting. Absent, runs take the computer's
   * clock, as for agents that wait for something outside the process.
   */
  readonly clock?: VirtualClock | undefined;
  /** How long any one wait may take before it counts as hanging; 5,000, and 600,000 on a virtual clock. */
  readonly patienceMs?: number | undefined;
  /** How long the agent's work may go on after its signal has aborted; 100. */
  readonly graceMs?: number | undefined;
  /** The behaviours to look at; all when absent. */
  readonly only?: readonly BehaviourId[] | undefined;
}
