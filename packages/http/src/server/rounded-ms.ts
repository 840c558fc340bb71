/** Milliseconds to the microsecond, as they go over the wire: no clock is better, and sums of binary fractions look odd. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
