/** A replica as a balancing strategy sees it. */
export interface Candidate {
  /** Stays the same as long as the replica lives; no other replica has it. */
  readonly id: string;
  /** How many calls are running on it. */
  readonly active: number;
  /** How many calls may run on it at a time, which is also its weight; `Infinity` when there is no limit. */
  readonly capacity: number;
  /** How long its calls take: a moving average. Undefined while nothing is known. */
  readonly latencyMs: number | undefined;
  /** When `latencyMs` was last measured, on the scale of `nowMs`. */
  readonly measuredMs: number;
  /** Until when it is avoided because calls on it have failed, on the scale of `nowMs`. */
  readonly restingUntilMs: number;
}

/**
 * Chooses which replica takes a call. Used by `pool`, and by whatever else sends calls to one of several places.
 *
 * What holds for every strategy is done before it is asked: replicas that are full are left out, so are those that rest
 * after failures, and those that have just failed the same call, as long as there are others. So a strategy can only be
 * unfair, never wrong.
 *
 * A strategy may keep a state of its own, such as whose turn it is, by the candidates' `id`: which candidates there are,
 * and at which index, changes from call to call. Make one for each pool.
 *
 * @example
 * ```ts
 * const first: BalancingStrategy = { name: "first", choose: () => 0 };
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const replicas = pool([shout, shout], { strategy: first });
 * await replicas.run("hello");
 * await replicas.run("hello");
 * console.log(replicas.replicas.map(({ calls }) => calls)); // => [ 2, 0 ]
 * ```
 */
export interface BalancingStrategy {
  /** For descriptions and error messages. */
  readonly name: string;
  /**
   * Gives the index of the candidate that takes the call. It is asked once a call, must not wait, and takes time and
   * randomness from its arguments alone, so that tests and simulations are exact.
   *
   * @param candidates at least one; all have room
   * @param nowMs milliseconds on a scale that does not go back
   * @param random gives a number from 0 up to but not 1
   */
  readonly choose: (candidates: readonly Candidate[], nowMs: number, random: () => number) => number;
}
