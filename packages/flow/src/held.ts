import { Deque } from "./deque.ts";
import type { Item } from "./item.ts";

/** Items that can be found by their values; of those with one value the first comes first. */
export class Held {
  private readonly items = new Map<unknown, Item | Deque<Item>>();
  size = 0;

  add(value: unknown, item: Item): void {
    this.size++;
    const there = this.items.get(value);
    if (there === undefined) this.items.set(value, item);
    else if (there instanceof Deque) there.push(item);
    else {
      const several = new Deque<Item>();
      several.push(there);
      several.push(item);
      this.items.set(value, several);
    }
  }

  /** One of those with the value, counted from the first; undefined when there are not so many. */
  at(value: unknown, index: number): Item | undefined {
    const there = this.items.get(value);
    if (there instanceof Deque) return there.at(index);
    return index === 0 ? there : undefined;
  }

  /** Takes the first out; undefined when there is none. */
  take(value: unknown): Item | undefined {
    const there = this.items.get(value);
    if (there === undefined) return undefined;
    this.size--;
    if (!(there instanceof Deque)) {
      this.items.delete(value);
      return there;
    }
    const item = there.shift();
    if (there.length === 0) this.items.delete(value);
    return item;
  }

  /** All, in the order of their values' coming. */
  all(): readonly Item[] {
    const all: Item[] = [];
    for (const there of this.items.values()) {
      if (!(there instanceof Deque)) all.push(there);
      // Below its length there is one at each place.
      else for (let index = 0; index < there.length; index++) all.push(there.at(index) as Item);
    }
    return all;
  }

  clear(): void {
    this.items.clear();
    this.size = 0;
  }
}
