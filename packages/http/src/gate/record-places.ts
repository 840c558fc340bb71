/** Who waits for a place. */
export interface PlaceWaiter {
  /** Called with the place taken. */
  readonly onPlace: () => void;
}

/**
 * The places of records that are worked on, whichever requests they came with; first come, first served. Nobody is refused,
 * for a request that was let in shall not lose a record: who waits reads nothing meanwhile, so that it is the sender who
 * waits. They are other places than those of the gate: neither kind of work keeps the other from its own.
 */
export class RecordPlaces {
  readonly #most: number;
  readonly #waiters = new Set<PlaceWaiter>();
  #taken = 0;

  constructor({ maxRecordsInFlight }: { readonly maxRecordsInFlight: number }) {
    this.#most = maxRecordsInFlight;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes a place where one is free. */
  take(): boolean {
    if (this.#taken >= this.#most) return false;
    this.#taken++;
    return true;
  }

  /** Has a place taken as soon as one is free. Who has one waiter at a time gets one place of each round. */
  wait(waiter: PlaceWaiter): void {
    this.#waiters.add(waiter);
  }

  /** Takes back what `wait` asked for. */
  forget(waiter: PlaceWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Gives a place back. */
  leave(): void {
    if (this.#waiters.size === 0) {
      this.#taken--;
      return;
    }
    // The place goes to who has waited longest, and is never free in between.
    for (const next of this.#waiters) {
      this.#waiters.delete(next);
      next.onPlace();
      return;
    }
  }
}
