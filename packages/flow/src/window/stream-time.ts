import type { Clock } from "@atomic-agents/core";

/** How far the time of records has come: that of the latest, but for those that are from the future. */
export class StreamTime {
  /** Of the latest record; `-Infinity` before there is one. */
  latestMs = Number.NEGATIVE_INFINITY;
  private readonly maxAheadMs: number;
  private readonly clock: Clock;
  /** How far a record may be without the clock having to be asked again. */
  private knownLimitMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, maxAheadMs: number) {
    this.clock = clock;
    this.maxAheadMs = maxAheadMs;
  }

  /** By how much a time is ahead of the clock, where that is more than it may be; else undefined. */
  tooFarAhead(timeMs: number): number | undefined {
    if (timeMs <= this.latestMs || timeMs <= this.knownLimitMs) return undefined;
    const nowMs = this.clock.timestamp();
    this.knownLimitMs = nowMs + this.maxAheadMs;
    return timeMs <= this.knownLimitMs ? undefined : timeMs - nowMs;
  }
}
