const leastRoom = 16;

/** A queue whose ends cost the same however long it is; an array's `shift` moves all that follow. */
export class Deque<TValue> {
  /** A ring, of a power of two places, so that a place is found by a bit mask. It is kept when it is empty: most are filled again at once. */
  private places: (TValue | undefined)[] = emptyOf(leastRoom);
  /** Counted on and on, as is the place behind the last. */
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  get first(): TValue | undefined {
    return this.places[this.head];
  }

  /** Counted from the first. */
  at(index: number): TValue | undefined {
    return index < this.count ? this.places[(this.head + index) & (this.places.length - 1)] : undefined;
  }

  push(value: TValue): void {
    if (this.count === this.places.length) this.makeRoom(2 * this.count);
    this.places[(this.head + this.count) & (this.places.length - 1)] = value;
    this.count++;
  }

  shift(): TValue | undefined {
    const { places, head } = this;
    if (this.count === 0) return undefined;
    const value = places[head];
    // Lets go of what is taken: the queue may live for long.
    places[head] = undefined;
    this.head = (head + 1) & (places.length - 1);
    this.count--;
    // Nor does it keep the room that it needed once.
    if (this.count === 0 && places.length > 1_024) this.makeRoom(leastRoom);
    return value;
  }

  private makeRoom(room: number): void {
    const places = emptyOf<TValue>(room);
    for (let index = 0; index < this.count; index++) places[index] = this.at(index);
    this.places = places;
    this.head = 0;
  }
}

function emptyOf<TValue>(room: number): (TValue | undefined)[] {
  return Array.from({ length: room }, () => undefined);
}
