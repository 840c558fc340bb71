import type { Item } from "../item.ts";
import { Node } from "./node.ts";

/** Stands before all other nodes of a flow that does failed records again: has each go in where it belongs. */
export class EntryNode extends Node {
  private readonly targetOf: (item: Item) => Node;
  private held: { readonly item: Item; readonly target: Node } | undefined = undefined;

  constructor(targetOf: (item: Item) => Node) {
    super("redrive");
    this.targetOf = targetOf;
  }

  override get isFree(): boolean {
    return this.held === undefined;
  }

  override get isEmpty(): boolean {
    return this.held === undefined;
  }

  override take(item: Item): void {
    this.taken++;
    this.held = { item, target: this.targetOf(item) };
    this.resume();
  }

  override resume(): boolean {
    const { held, host } = this;
    if (held === undefined || !held.target.isFree || host.hasEnded) return false;
    this.held = undefined;
    this.given++;
    held.target.take(held.item);
    return true;
  }
}
