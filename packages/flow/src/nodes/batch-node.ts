import { groupOf, Item } from "../item.ts";
import { Node } from "./node.ts";

/** Makes one item, an array, of so many. */
export class BatchNode extends Node {
  private readonly size: number;
  private members: Item[] = [];

  constructor(id: string, size: number) {
    super(id);
    this.size = size;
  }

  override get isFree(): boolean {
    return this.next.isFree;
  }

  override get isEmpty(): boolean {
    return this.members.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    this.members.push(item);
    if (this.members.length === this.size) this.flush();
  }

  override resume(): boolean {
    if (!this.inputEnded || this.members.length === 0 || !this.next.isFree) return false;
    this.flush();
    return true;
  }

  private flush(): void {
    const { members } = this;
    this.members = [];
    const values = members.map(({ value }) => value);
    this.give(groupOf(new Item(values, undefined, members), this.id));
  }
}
