import type { AtomicError, BoundStage } from "@atomic-agents/core";
import { Deque } from "../deque.ts";
import type { Item, Worker } from "../item.ts";
import { Node } from "./node.ts";

/** Runs an agent over the items, several at a time, and gives its outputs as they come. */
export class UnorderedNode extends Node implements Worker {
  private readonly stage: BoundStage<unknown, unknown>;
  private readonly concurrency: number;
  private active = 0;
  /** The one that has just come: what is done at once goes on at once. */
  private coming: Item | undefined = undefined;
  /** Done, and not gone on. */
  private readonly held = new Deque<Item>();

  constructor(stage: BoundStage<unknown, unknown>, concurrency: number) {
    super(stage.id);
    this.stage = stage;
    this.concurrency = concurrency;
  }

  override get isFree(): boolean {
    return this.active + this.held.length < this.concurrency;
  }

  override get isEmpty(): boolean {
    return this.active === 0 && this.held.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    this.active++;
    item.worker = this;
    this.coming = item;
    this.stage.run(item.value, this.host.ctx, item);
    this.coming = undefined;
  }

  override resume(): boolean {
    let moved = false;
    while (this.held.length > 0 && this.next.isFree && !this.host.hasEnded) {
      const item = this.held.shift();
      if (item === undefined) break;
      this.give(item);
      moved = true;
    }
    return moved;
  }

  done(item: Item, output: unknown): void {
    this.active--;
    if (this.host.hasEnded) return;
    item.value = output;
    // Others come in the midst of anything, such as a function that has a timer ring: they wait until the flow moves.
    if (item === this.coming && this.held.length === 0 && this.next.isFree) this.give(item);
    else this.held.push(item);
    this.host.wakeSoon();
  }

  failed(item: Item, error: AtomicError, attempts: number): void {
    this.active--;
    if (this.host.hasEnded) return;
    this.dispose(item, error, error.disposition, attempts, this.stage.agent);
    this.host.wakeSoon();
  }
}

/** How many items may be on their way, done ones that wait for an earlier one included, for each at work. */
const waitingRatio = 2;

/** Runs an agent over the items, several at a time, and gives its outputs in the order of the items. */
export class OrderedNode extends Node implements Worker {
  private readonly stage: BoundStage<unknown, unknown>;
  private readonly concurrency: number;
  private active = 0;
  private readonly line = new Deque<Item>();
  /** Whether the item that has just come has none before it, and is not in line itself: what is done at once need not be. */
  private isAlone = false;

  constructor(stage: BoundStage<unknown, unknown>, concurrency: number) {
    super(stage.id);
    this.stage = stage;
    this.concurrency = concurrency;
  }

  override get isFree(): boolean {
    return this.active < this.concurrency && this.line.length < this.concurrency * waitingRatio;
  }

  override get isEmpty(): boolean {
    return this.active === 0 && this.line.length === 0;
  }

  override take(item: Item): void {
    this.taken++;
    this.active++;
    item.worker = this;
    item.state = "working";
    this.isAlone = this.line.length === 0;
    if (!this.isAlone) this.line.push(item);
    this.stage.run(item.value, this.host.ctx, item);
    if (!this.isAlone) return;
    this.isAlone = false;
    this.line.push(item);
  }

  override resume(): boolean {
    let moved = false;
    for (;;) {
      const { first } = this.line;
      if (first === undefined || first.state === "working" || this.host.hasEnded) return moved;
      if (first.state === "ready") {
        if (!this.next.isFree) return moved;
        this.line.shift();
        this.give(first);
      } else this.line.shift();
      moved = true;
    }
  }

  done(item: Item, output: unknown): void {
    this.active--;
    if (this.host.hasEnded) return;
    item.value = output;
    if (this.isAlone) {
      this.isAlone = false;
      if (this.next.isFree) {
        this.give(item);
        return;
      }
      this.line.push(item);
    }
    // It may be done in the midst of anything, such as a function that has a timer ring: it waits until the flow moves.
    item.state = "ready";
    this.host.wakeSoon();
  }

  failed(item: Item, error: AtomicError, attempts: number): void {
    this.active--;
    if (this.host.hasEnded) return;
    if (this.isAlone) this.isAlone = false;
    else item.state = "gone";
    this.dispose(item, error, error.disposition, attempts, this.stage.agent);
    this.host.wakeSoon();
  }
}
