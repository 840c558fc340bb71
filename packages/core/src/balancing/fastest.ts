import { lowest } from "./lowest.ts";
import { averageOverMs } from "./replica-load.ts";
import type { BalancingStrategy, Candidate } from "./strategy.ts";
import { largestWeight, weightOf } from "./weight.ts";

/** What a replica costs that has its first call running: its latency may be any. */
const unknownLatencyMs = 1e9;

/** Below what clocks measure; keeps calls that take no time from costing nothing however many there are. */
const leastLatencyMs = 0.001;

/**
 * The replica from which an answer is expected soonest: the lowest latency × (active calls + 1); one of them at random
 * when several are equal. Active calls weigh more on replicas that take fewer at a time.
 *
 * It is the Peak EWMA of Twitter's Finagle (`PeakEwma.scala`; EWMA is an exponentially weighted moving average): a slow
 * call counts at once and in full, faster ones only as time goes by. A replica about which nothing is known is tried
 * first, with one call until that has ended. One that was slow is tried again: as long as it is idle, what is known of
 * it fades, by half in some 20 seconds. Unlike Finagle's it does not fade while calls are running, or a replica that
 * hangs would look better by the minute.
 *
 * @example
 * ```ts
 * const strategy = fastest();
 * const known = { capacity: Infinity, measuredMs: 0, restingUntilMs: 0 };
 * const candidates = [
 *   { id: "near", active: 2, latencyMs: 10, ...known },
 *   { id: "far", active: 0, latencyMs: 40, ...known },
 * ];
 * console.log(candidates[strategy.choose(candidates, 0, Math.random)]?.id); // => near
 * ```
 */
export function fastest(): BalancingStrategy {
  return {
    name: "fastest",
    choose: (candidates, nowMs, random) => {
      const largest = largestWeight(candidates);
      const costOf = (candidate: Candidate): number => {
        const { active, latencyMs } = candidate;
        if (latencyMs === undefined && active === 0) return 0;
        const pressure = 1 + (active * largest) / weightOf(candidate, largest);
        if (latencyMs === undefined) return unknownLatencyMs * pressure;
        return Math.max(leastLatencyMs, fadedLatencyMs(candidate, latencyMs, nowMs)) * pressure;
      };
      return lowest(candidates, costOf, random);
    },
  };
}

function fadedLatencyMs({ active, measuredMs }: Candidate, latencyMs: number, nowMs: number): number {
  return active > 0 ? latencyMs : latencyMs * Math.exp(Math.min(0, measuredMs - nowMs) / averageOverMs);
}
