import type { HrTime } from "@opentelemetry/api";

/**
 * A moment as seconds and nanoseconds since 1970. A bare number would be taken for one of `performance.now()` where it is
 * small, as that of a virtual clock may be; a `Date` would lose what is below a millisecond.
 */
export function hrTimeOf(momentMs: number): HrTime {
  const seconds = Math.floor(momentMs / 1_000);
  const nanoseconds = Math.round((momentMs - seconds * 1_000) * 1_000_000);
  return nanoseconds === 1_000_000_000 ? [seconds + 1, 0] : [seconds, nanoseconds];
}
