import type { CacheKey } from "./cache-store.ts";

/** What a table can hold: it carries its place there, so that adding it allocates nothing. */
export interface Keyed<TItem> {
  readonly key: CacheKey;
  /** The next one of the same hash. */
  next: TItem | undefined;
}

/** A table of what is found by a cache key, without making texts of the keys. */
export class KeyTable<TItem extends Keyed<TItem>> {
  size = 0;
  private readonly first = new Map<number, TItem>();

  get(key: CacheKey): TItem | undefined {
    let item = this.first.get(key.hash);
    while (item !== undefined && !item.key.isSame(key)) item = item.next;
    return item;
  }

  /** Adds what is not there yet. */
  add(item: TItem): void {
    const { hash } = item.key;
    item.next = this.first.get(hash);
    this.first.set(hash, item);
    this.size++;
  }

  /** Takes out what is there. */
  remove(item: TItem): void {
    const { hash } = item.key;
    const first = this.first.get(hash);
    if (first === item) {
      if (item.next === undefined) this.first.delete(hash);
      else this.first.set(hash, item.next);
    } else {
      let before = first;
      while (before !== undefined && before.next !== item) before = before.next;
      if (before === undefined) return;
      before.next = item.next;
    }
    item.next = undefined;
    this.size--;
  }

  clear(): void {
    this.first.clear();
    this.size = 0;
  }
}
