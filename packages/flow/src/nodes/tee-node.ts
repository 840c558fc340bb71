import type { Item } from "../item.ts";
import { Node } from "./node.ts";
import type { SinkNode } from "./sink-node.ts";

/** Gives each item to a sink as well; it has ended when both ways have. */
export class TeeNode extends Node {
  readonly side: SinkNode;

  constructor(id: string, side: SinkNode) {
    super(id);
    this.side = side;
  }

  override get isFree(): boolean {
    return this.next.isFree && this.side.isFree;
  }

  override take(item: Item): void {
    this.taken++;
    item.open++;
    this.side.take(item);
    this.give(item);
  }
}
