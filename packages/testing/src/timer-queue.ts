/** A timer that has not fired. */
export interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Timers by the moment they are due, and those of one moment by when they were set. */
export class TimerQueue {
  readonly #timers: PendingTimer[] = [];

  get first(): PendingTimer | undefined {
    return this.#timers[0];
  }

  get size(): number {
    return this.#timers.length;
  }

  insert(timer: PendingTimer): void {
    this.#timers.splice(this.#placeAfter(timer.dueMs), 0, timer);
  }

  /** Takes a timer out; nothing happens when it is not there. */
  remove(timer: PendingTimer): void {
    const index = this.#timers.lastIndexOf(timer, this.#placeAfter(timer.dueMs));
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** The place behind all timers that are due at `dueMs` or before, by bisection. */
  #placeAfter(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const timer = this.#timers[middle];
      if (timer !== undefined && timer.dueMs <= dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
