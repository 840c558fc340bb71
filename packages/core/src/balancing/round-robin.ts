import type { BalancingStrategy, Candidate } from "./strategy.ts";
import { largestWeight, weightOf } from "./weight.ts";

/**
 * Each replica in turn; one that takes more calls at a time has its turn more often, in proportion, its turns spread
 * over the round. Knows nothing of how long calls take.
 *
 * The algorithm is nginx's ("smooth weighted round-robin balancing", 2012): at each choice every candidate gains as many
 * points as it weighs, the one that has most is chosen and pays the points of all. Candidates that come begin with none;
 * those that are left out for a while keep what they have, so nobody is owed a burst.
 *
 * @example
 * ```ts
 * const strategy = roundRobin();
 * const idle = { active: 0, latencyMs: undefined, measuredMs: 0, restingUntilMs: 0 };
 * const candidates = [
 *   { id: "a", capacity: 4, ...idle },
 *   { id: "b", capacity: 1, ...idle },
 *   { id: "c", capacity: 1, ...idle },
 * ];
 * const chosen = [1, 2, 3, 4, 5, 6].map((nowMs) => strategy.choose(candidates, nowMs, Math.random));
 * console.log(chosen.map((index) => candidates[index]?.id).join(" ")); // => a a b a c a
 * ```
 */
export function roundRobin(): BalancingStrategy {
  let points = new Map<string, number>();
  return {
    name: "round-robin",
    choose: (candidates) => {
      const largest = largestWeight(candidates);
      let total = 0;
      let best = 0;
      let bestId = "";
      let bestPoints = Number.NEGATIVE_INFINITY;
      let index = 0;
      for (const candidate of candidates) {
        const { id } = candidate;
        const weight = weightOf(candidate, largest);
        const own = (points.get(id) ?? 0) + weight;
        points.set(id, own);
        total += weight;
        if (own > bestPoints) {
          best = index;
          bestId = id;
          bestPoints = own;
        }
        index++;
      }
      points.set(bestId, bestPoints - total);
      if (points.size > 2 * candidates.length + keptOfGone) points = pointsOf(candidates, points);
      return best;
    },
  };
}

/** How many that are not among the candidates are remembered at least: they may only be full or resting. */
const keptOfGone = 64;

/** The points of those who are there: in a fleet where replicas come and go, the names of the gone would fill the memory. */
function pointsOf(
  candidates: readonly Candidate[],
  points: ReadonlyMap<string, number>,
): Map<string, number> {
  return new Map(candidates.map(({ id }) => [id, points.get(id) ?? 0]));
}
