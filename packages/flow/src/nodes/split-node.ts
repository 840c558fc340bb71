import { close, fate, Item } from "../item.ts";
import { FunctionNode } from "./function-node.ts";

/** Gives any number of items for each, one after the other as there is room. */
export class SplitNode extends FunctionNode<Iterable<unknown>> {
  private splitting: { readonly item: Item; readonly parts: Iterator<unknown> } | undefined = undefined;
  /** Whether parts of the item have gone on. */
  private hasGiven = false;

  override get isFree(): boolean {
    return this.splitting === undefined && this.next.isFree;
  }

  override get isEmpty(): boolean {
    return this.splitting === undefined;
  }

  protected override goOn(item: Item, result: Iterable<unknown>): void {
    let parts: Iterator<unknown>;
    try {
      if (typeof result === "string") throw new TypeError("a split gives records, not a text");
      parts = result[Symbol.iterator]();
    } catch (thrown) {
      this.refuse(item, thrown);
      return;
    }
    this.splitting = { item, parts };
    this.hasGiven = false;
    this.resume();
  }

  override resume(): boolean {
    let moved = false;
    while (this.splitting !== undefined && this.next.isFree && !this.host.hasEnded && this.host.takesTurn()) {
      const { item, parts } = this.splitting;
      let next: IteratorResult<unknown>;
      try {
        next = parts.next();
      } catch (thrown) {
        this.splitting = undefined;
        this.refuse(item, thrown, this.hasGiven ? "parts of it have gone on" : undefined);
        return true;
      }
      moved = true;
      if (next.done === true) {
        this.splitting = undefined;
        // What is left of it are its parts; without any, it was left out.
        if (item.open === 1 && item.ended === fate.filtered) this.filtered++;
        close(item, fate.filtered, this.host);
      } else {
        item.open++;
        this.hasGiven = true;
        this.give(new Item(next.value, item));
      }
    }
    return moved;
  }
}
