import { lowest } from "./lowest.ts";
import type { BalancingStrategy } from "./strategy.ts";
import { largestWeight, weightOf } from "./weight.ts";

/**
 * The replica with the fewest calls running, measured by how many it takes at a time; one of them at random when several
 * are equal. Slow replicas get fewer calls, because theirs take longer to end.
 *
 * It is the "weighted least-connection scheduling" of the Linux Virtual Server project: the lowest number of active
 * connections divided by weight. All candidates are compared, not two at random: a process knows its own counts exactly.
 *
 * @example
 * ```ts
 * const strategy = leastConnections();
 * const known = { latencyMs: undefined, measuredMs: 0, restingUntilMs: 0 };
 * const candidates = [
 *   { id: "a", active: 1, capacity: 2, ...known },
 *   { id: "b", active: 3, capacity: 10, ...known },
 * ];
 * console.log(candidates[strategy.choose(candidates, 0, Math.random)]?.id); // => b
 * ```
 */
export function leastConnections(): BalancingStrategy {
  return {
    name: "least-connections",
    choose: (candidates, _nowMs, random) => {
      const largest = largestWeight(candidates);
      return lowest(candidates, (candidate) => candidate.active / weightOf(candidate, largest), random);
    },
  };
}
