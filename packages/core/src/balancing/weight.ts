import type { Candidate } from "./strategy.ts";

/** The largest limited capacity, or 1 when none is limited: what the weight of an unlimited candidate is. */
export function largestWeight(candidates: readonly Candidate[]): number {
  let largest = 1;
  for (const { capacity } of candidates) {
    if (capacity > largest && capacity !== Number.POSITIVE_INFINITY) largest = capacity;
  }
  return largest;
}

/** How much of the calls a candidate should get, compared to others: as much as it takes at a time. */
export function weightOf({ capacity }: Candidate, largest: number): number {
  return Math.min(capacity, largest);
}
