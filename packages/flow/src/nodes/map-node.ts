import type { Item } from "../item.ts";
import { FunctionNode } from "./function-node.ts";

/** Puts what its function gives in the place of each item. */
export class MapNode extends FunctionNode<unknown> {
  protected override goOn(item: Item, result: unknown): void {
    item.value = result;
    this.give(item);
  }
}
