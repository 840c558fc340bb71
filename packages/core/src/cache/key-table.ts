import type { CacheKey } from "./cache-store.ts";

/** What a table can hold: it carries its place there, so that adding it allocates nothing. */
export interface Keyed<TItem> {
  readonly key: CacheKey;
  /** The next one in its slot. */
  next: TItem | undefined;
}

/** A power of two, so that a slot is found by a bit mask. */
const leastSlots = 16;

/**
 * A hash table of what is found by a cache key, without making texts of the keys. Written out, because a `Map` that is
 * added to and taken from at each call costs more than all the rest of a miss.
 */
export class KeyTable<TItem extends Keyed<TItem>> {
  size = 0;
  private slots: (TItem | undefined)[] = emptySlots(leastSlots);

  get(key: CacheKey): TItem | undefined {
    const { hash } = key;
    let item = this.slots[slotOf(hash) & (this.slots.length - 1)];
    while (item !== undefined && !(item.key.hash === hash && item.key.isSame(key))) item = item.next;
    return item;
  }

  /** Adds what is not there yet. */
  add(item: TItem): void {
    if (this.size === this.slots.length) this.grow();
    this.size++;
    this.put(item);
  }

  /** Takes an item out; nothing happens when it is not there. */
  remove(item: TItem): void {
    const slot = slotOf(item.key.hash) & (this.slots.length - 1);
    const first = this.slots[slot];
    if (first === item) this.slots[slot] = item.next;
    else {
      let before = first;
      while (before !== undefined && before.next !== item) before = before.next;
      if (before === undefined) return;
      before.next = item.next;
    }
    item.next = undefined;
    this.size--;
  }

  clear(): void {
    this.slots = emptySlots(leastSlots);
    this.size = 0;
  }

  private put(item: TItem): void {
    const slot = slotOf(item.key.hash) & (this.slots.length - 1);
    item.next = this.slots[slot];
    this.slots[slot] = item;
  }

  private grow(): void {
    const { slots } = this;
    this.slots = emptySlots(2 * slots.length);
    for (const first of slots) {
      let item = first;
      while (item !== undefined) {
        const { next }: TItem = item;
        this.put(item);
        item = next;
      }
    }
  }
}

function emptySlots<TItem>(count: number): (TItem | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}

/** The upper bits count, too. */
function slotOf(hash: number): number {
  return hash ^ (hash >>> 15);
}
