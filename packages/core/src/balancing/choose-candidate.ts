import { configError } from "../errors/config-error.ts";
import { lowest } from "./lowest.ts";
import type { BalancingStrategy, Candidate } from "./strategy.ts";

/** What is chosen when all that can take the call at once had better not: wait for the others. */
export const noneReady = -1;

function hasRoom({ active, capacity }: Candidate): boolean {
  return active < capacity;
}

function rests({ restingUntilMs }: Candidate, nowMs: number): boolean {
  return restingUntilMs > nowMs;
}

/**
 * Chooses a candidate under the rules that hold for all strategies. The strategy is asked for one that has room, does
 * not rest and is not in `avoided`; else for one that has room and does not rest. Where all rest, the one that rests
 * least long takes the call. Where those that do not rest are full, the answer is `noneReady`, also while one that rests
 * has room: under load, everything would end there.
 *
 * @returns the index of a candidate that has room, or `noneReady`
 * @throws AtomicError `CONFIG` when the strategy gives no index of a candidate; what the strategy throws
 */
export function chooseCandidate(
  strategy: BalancingStrategy,
  candidates: readonly Candidate[],
  nowMs: number,
  random: () => number,
  avoided?: ReadonlySet<string>,
): number {
  let ready = 0;
  let fresh = 0;
  let awake = 0;
  for (const candidate of candidates) {
    if (rests(candidate, nowMs)) continue;
    awake++;
    if (!hasRoom(candidate)) continue;
    ready++;
    if (avoided === undefined || !avoided.has(candidate.id)) fresh++;
  }
  if (ready === 0) return awake > 0 ? noneReady : chooseResting(candidates, random);
  if (ready === candidates.length && (fresh === ready || fresh === 0)) {
    return ask(strategy, candidates, nowMs, random);
  }
  const offered = candidates.filter(
    (candidate) =>
      hasRoom(candidate) &&
      !rests(candidate, nowMs) &&
      (fresh === 0 || avoided === undefined || !avoided.has(candidate.id)),
  );
  const chosen = offered[ask(strategy, offered, nowMs, random)];
  return chosen === undefined ? noneReady : candidates.indexOf(chosen);
}

/** The candidate with room that rests least long, or not at all; `noneReady` when all are full. */
export function chooseResting(candidates: readonly Candidate[], random: () => number): number {
  const chosen = lowest(
    candidates,
    (candidate) => (hasRoom(candidate) ? candidate.restingUntilMs : Number.POSITIVE_INFINITY),
    random,
  );
  const candidate = candidates[chosen];
  return candidate !== undefined && hasRoom(candidate) ? chosen : noneReady;
}

function ask(
  strategy: BalancingStrategy,
  candidates: readonly Candidate[],
  nowMs: number,
  random: () => number,
): number {
  const index = strategy.choose(candidates, nowMs, random);
  if (Number.isInteger(index) && index >= 0 && index < candidates.length) return index;
  throw configError(
    `Balancing strategy "${strategy.name}"`,
    "what choose gives",
    `a whole number from 0 to ${candidates.length - 1}`,
    index,
    "Give the index of one of the candidates.",
  );
}
