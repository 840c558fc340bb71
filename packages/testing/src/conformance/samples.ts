import type { Log } from "@atomic-agents/core";
import type { Behaviour, BehaviourId } from "./behaviours.ts";
import type { BehaviourResult } from "./conformance.ts";
import type { VirtualClock } from "../virtual-clock.ts";

/** What an agent is tried with. */
export interface ConformanceOptions<TInput> {
  /**
   * Inputs that the agent takes and gives an output for; at least one. They are used many times. Absent, a few are made
   * of the agent's input schema.
   */
  readonly valid?: readonly TInput[] | undefined;
  /**
   * Inputs that the agent's input schema refuses. Absent, a few are made for an agent that does its work itself; without
   * any, what is to be seen on them is not applicable.
   */
  readonly invalid?: readonly unknown[] | undefined;
  /**
   * How many inputs are made of the agent's input schema for each behaviour that is tried with many; 100. With 0 the
   * agent gets no input but those given.
   */
  readonly runs?: number | undefined;
  /** Which inputs are made: the same ones for the same whole number. 1 when absent, so that a test is no lottery. */
  readonly seed?: number | undefined;
  /**
   * Drives an agent whose waits are all on its run's clock, without real waiting. Absent, runs take the computer's
   * clock, as for agents that wait for something outside the process.
   */
  readonly clock?: VirtualClock | undefined;
  /** How long any one wait may take before it counts as hanging; 5,000, and 600,000 on a virtual clock. */
  readonly patienceMs?: number | undefined;
  /** How long the agent's work may go on after its signal has aborted; 100. */
  readonly graceMs?: number | undefined;
  /** How long one behaviour may take in all, of real time; 60,000. Half of it may go into generated inputs. */
  readonly limitMs?: number | undefined;
  /** The behaviours to look at; all when absent. */
  readonly only?: readonly BehaviourId[] | undefined;
  /** Where the agent logs to; to its own log when absent. */
  readonly log?: Log | undefined;
  /** Ends it all when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each behaviour before it is looked at. */
  readonly onStart?: ((behaviour: Behaviour) => void) | undefined;
  /** Told of each input before the agent gets it: should the agent never come back, it is known by what. */
  readonly onInput?: ((input: unknown) => void) | undefined;
  /** Told of each behaviour as soon as it has been looked at. */
  readonly onResult?: ((result: BehaviourResult) => void) | undefined;
}
