/**
 * Things in the order in which they came, any of which may leave at any time. A `Set` would do, but each table that it
 * outgrows leads to the next one: once the collector has counted one of them among what is old, all that comes to the set
 * later lives on until old things are looked through, and a busy server pauses to move what nobody needs any more.
 */
export class Queue<T> {
  #first: Spot<T> | undefined = undefined;
  #last: Spot<T> | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who has been there longest. */
  get first(): T | undefined {
    return this.#first?.item;
  }

  /** Gives what the thing leaves with. */
  add(item: T): Spot<T> {
    const last = this.#last;
    const spot = new Spot(item, last);
    if (last === undefined) this.#first = spot;
    else last.after = spot;
    this.#last = spot;
    this.#size++;
    return spot;
  }

  /** Nothing happens when it has left before. */
  remove(spot: Spot<T>): void {
    if (spot.isLeft) return;
    const { before, after } = spot;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    spot.isLeft = true;
    spot.before = undefined;
    spot.after = undefined;
    this.#size--;
  }

  /** Has who has been there longest leave. */
  takeFirst(): T | undefined {
    const spot = this.#first;
    if (spot !== undefined) this.remove(spot);
    return spot?.item;
  }

  /** Those that are there now, also when some leave meanwhile. */
  all(): readonly T[] {
    const items: T[] = [];
    for (let spot = this.#first; spot !== undefined; spot = spot.after) items.push(spot.item);
    return items;
  }
}

/** Where something stands in a queue. A class, for the reason that `KeptRun` gives. */
export class Spot<T> {
  readonly item: T;
  before: Spot<T> | undefined;
  after: Spot<T> | undefined = undefined;
  isLeft = false;

  constructor(item: T, before: Spot<T> | undefined) {
    this.item = item;
    this.before = before;
  }
}
