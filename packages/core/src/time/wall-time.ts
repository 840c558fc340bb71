import type { Clock } from "./clock.ts";
import { systemClock } from "./system-clock.ts";

/** For how long the distance between the system's two scales is taken as it was read. */
const freshMs = 1_000;
let distanceMs = 0;
let readAtMs = Number.NEGATIVE_INFINITY;

/**
 * When a moment of a clock was, in milliseconds since 1970. The system's two scales are compared once a second at
 * most, however many runs ask: a step of the computer's clock shows up to a second late.
 */
export function wallTimeMs(clock: Clock, momentMs: number): number {
  if (clock !== systemClock) return clock.timestamp() - (clock.now() - momentMs);
  if (momentMs - readAtMs > freshMs) {
    readAtMs = clock.now();
    distanceMs = clock.timestamp() - readAtMs;
  }
  return momentMs + distanceMs;
}
