import type { Candidate } from "./strategy.ts";

/** The index of the candidate that costs least; one of them at random when several do. */
export function lowest(
  candidates: readonly Candidate[],
  costOf: (candidate: Candidate) => number,
  random: () => number,
): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  let ties = 0;
  let index = 0;
  for (const candidate of candidates) {
    const cost = costOf(candidate);
    if (cost < bestCost) {
      best = index;
      bestCost = cost;
      ties = 1;
    } else if (cost === bestCost) {
      // Each of n that tie stays with a chance of 1 in n, without a list of them.
      ties++;
      if (random() * ties < 1) best = index;
    }
    index++;
  }
  return best;
}
