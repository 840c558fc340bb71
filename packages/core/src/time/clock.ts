/** A running timer. */
export interface Timer {
  /** Stops the timer; nothing happens when it has fired or was stopped. */
  readonly cancel: () => void;
}

/**
 * Where a run takes its time from. Timeouts, retries and durations all go through it, so that a test can drive
 * them with a virtual clock.
 */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. Durations and deadlines are measured on this scale. */
  readonly now: () => number;
  /** Milliseconds since 1970-01-01 UTC; follows the computer's clock and may go back. Only for showing. */
  readonly timestamp: () => number;
  /** Calls `callback` once, not before `delayMs` have passed. Keeps the process alive until then. */
  readonly setTimer: (callback: () => void, delayMs: number) => Timer;
}
