import { toAtomicError } from "@atomic-agents/core";
import { BatchFiller } from "../batch/batch-filler.ts";
import type { CheckedLimits } from "../batch/batch-options.ts";
import { groupOf, Item } from "../item.ts";
import { type Host, Node, type RecordPolicy } from "./node.ts";

/** Makes one item, an array, of several. */
export class BatchNode extends Node {
  private readonly filler: BatchFiller<Item>;
  private readonly onError: RecordPolicy;

  constructor(id: string, limits: CheckedLimits, onError: RecordPolicy) {
    super(id);
    this.filler = new BatchFiller(limits);
    this.onError = onError;
  }

  override join(host: Host, next: Node | undefined): void {
    super.join(host, next);
    this.filler.join(host);
  }

  override get isFree(): boolean {
    return this.filler.ready.length === 0 && this.next.isFree;
  }

  override get isEmpty(): boolean {
    return this.filler.isEmpty;
  }

  override take(item: Item): void {
    this.taken++;
    let bytes: number;
    try {
      bytes = this.filler.measure(item.value);
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), this.onError);
      return;
    }
    this.filler.add(item, bytes);
    if (this.filler.ready.length > 0) this.resume();
  }

  override resume(): boolean {
    const { filler, host } = this;
    if (this.inputEnded) filler.flush();
    let moved = false;
    while (this.next.isFree && !host.hasEnded) {
      const members = filler.ready.shift();
      if (members === undefined) break;
      const values = members.map(({ value }) => value);
      this.give(groupOf(new Item(values, undefined, members), this.id));
      moved = true;
    }
    return moved;
  }

  override close(): undefined {
    this.filler.close();
  }
}
