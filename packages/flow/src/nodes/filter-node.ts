import type { Item } from "../item.ts";
import { FunctionNode } from "./function-node.ts";

/** Leaves out the items for which its function does not say true. */
export class FilterNode extends FunctionNode<unknown> {
  protected override goOn(item: Item, result: unknown): void {
    if (result === true) this.give(item);
    else if (result === false) this.leaveOut(item);
    else
      this.refuse(item, new TypeError(`a filter gives true or false, not a value of type ${typeof result}`));
  }
}
