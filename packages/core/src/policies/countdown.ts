import type { Clock } from "../time/clock.ts";

/**
 * A span of time that passes, asked for on whatever clock the asker has. What has passed on one clock is kept when
 * another goes on from there, and a clock that steps back can only begin the span anew, never make it longer.
 */
export class Countdown {
  #clock: Clock;
  readonly #spanMs: number;
  #endMs: number;

  constructor(clock: Clock, spanMs: number) {
    this.#clock = clock;
    this.#spanMs = spanMs;
    this.#endMs = clock.now() + spanMs;
  }

  /** How much is left; 0 or less when it is over. */
  leftMs(clock: Clock): number {
    const saidMs = this.#endMs - this.#clock.now();
    const leftMs = Math.min(saidMs, this.#spanMs);
    if (clock !== this.#clock || leftMs !== saidMs) {
      this.#clock = clock;
      this.#endMs = clock.now() + leftMs;
    }
    return leftMs;
  }
}
