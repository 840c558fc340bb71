import { toAtomicError } from "@atomic-agents/core";
import { BatchFiller } from "../batch/batch-filler.ts";
import type { CheckedLimits } from "../batch/batch-options.ts";
import { WholeBatch } from "../batch/whole-batch.ts";
import { groupOf, Item } from "../item.ts";
import { type Host, Node, type RecordPolicy } from "./node.ts";

/** Makes one item, an array, of several. */
export class BatchNode extends Node {
  private readonly filler: BatchFiller<Item>;
  private readonly limits: CheckedLimits;
  private readonly onError: RecordPolicy;
  /** A batch of records that came without items; those in the filler came after it. */
  private whole: WholeBatch | undefined = undefined;

  constructor(id: string, limits: CheckedLimits, onError: RecordPolicy) {
    super(id);
    this.limits = limits;
    this.filler = new BatchFiller(limits);
    this.onError = onError;
  }

  override join(host: Host, next: Node | undefined): void {
    super.join(host, next);
    this.filler.join(host);
  }

  override get isFree(): boolean {
    return this.whole === undefined && this.filler.ready.length === 0 && this.next.isFree;
  }

  override get isEmpty(): boolean {
    return this.whole === undefined && this.filler.isEmpty;
  }

  override get absorbs(): boolean {
    return this.limits.maxBytes === undefined;
  }

  /** Takes as many as make one batch, and goes on when that has gone on. */
  override absorb(values: readonly unknown[], from: number, to: number, number: number): number {
    const { size } = this.limits;
    const end = from + size;
    if (end > to || !this.filler.isEmpty || this.whole !== undefined) return from;
    this.taken += size;
    this.whole = new WholeBatch(values.slice(from, end), number);
    // What is done with a batch may take as long as with its records: they count as those that come as items do.
    for (let turns = 0; turns < size && this.host.takesTurn(); turns++);
    return end;
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
    if (this.whole !== undefined && this.next.isFree && !host.hasEnded) {
      const { whole } = this;
      this.whole = undefined;
      this.give(groupOf(whole, this.id));
      moved = true;
    }
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
