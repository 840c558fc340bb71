import {
  AtomicError,
  type BoundStage,
  type OnError,
  type StageListener,
  toAtomicError,
} from "@atomic-agents/core";
import { BatchFiller } from "../batch/batch-filler.ts";
import type { CheckedLimits } from "../batch/batch-options.ts";
import { outputOf } from "../batch/item-outcome.ts";
import { Deque } from "../deque.ts";
import type { Item } from "../item.ts";
import { type Host, Node } from "./node.ts";

/** What is done to a record before it goes into a batch, and to what came of it. */
export interface BatchMapping<TRecord, TItem, TGiven, TNext> {
  /** Makes what the agent is given of a record; the record itself when absent. */
  readonly toInput?: ((record: TRecord) => TItem) | undefined;
  /** Makes what goes on of the record and what the agent gave for it; that itself when absent. */
  readonly toOutput?: ((record: TRecord, output: TGiven) => TNext) | undefined;
}

/** How an agent is run over batches, with its options filled in. */
export interface BatchThroughSettings {
  readonly limits: CheckedLimits;
  readonly concurrency: number;
  readonly ordered: boolean;
  readonly settled: boolean;
  readonly onError: OnError;
  readonly mapping: BatchMapping<unknown, unknown, unknown, unknown>;
}

/** A record in a batch. */
interface Entry {
  readonly item: Item;
  /** What the agent is given. */
  readonly input: unknown;
  /** Why it cannot be given to the agent. */
  readonly error: AtomicError | undefined;
}

/** How many batches may be on their way, done ones that wait for room included, for each at work. */
const waitingRatio = 2;

/** Runs an agent over several items at a time, each of which then ends by itself. */
export class BatchThroughNode extends Node {
  private readonly stage: BoundStage<unknown, unknown>;
  private readonly settings: BatchThroughSettings;
  private readonly filler: BatchFiller<Entry>;
  private active = 0;
  /** Those at work as well where order is kept, else those that are done. */
  private readonly line = new Deque<Batch>();

  constructor(stage: BoundStage<unknown, unknown>, settings: BatchThroughSettings) {
    super(stage.id);
    this.stage = stage;
    this.settings = settings;
    this.filler = new BatchFiller(settings.limits);
  }

  override join(host: Host, next: Node | undefined): void {
    super.join(host, next);
    this.filler.join(host);
  }

  override get isFree(): boolean {
    return this.filler.ready.length === 0;
  }

  override get isEmpty(): boolean {
    return this.active === 0 && this.line.length === 0 && this.filler.isEmpty;
  }

  override take(item: Item): void {
    this.taken++;
    const { toInput } = this.settings.mapping;
    let input: unknown;
    let bytes = 0;
    let error: AtomicError | undefined;
    try {
      input = toInput === undefined ? item.value : toInput(item.value);
      bytes = this.filler.measure(input);
    } catch (thrown) {
      // It keeps its place: where failed records pass, it goes on with the others.
      error = this.errorOf(thrown);
    }
    this.filler.add({ item, input, error }, bytes);
    this.begin();
  }

  override resume(): boolean {
    if (this.inputEnded) this.filler.flush();
    const begun = this.begin();
    const given = this.giveOn();
    // What has gone on has made room.
    return this.begin() || begun || given;
  }

  override close(): undefined {
    this.filler.close();
  }

  /** Begins to work on batches that are ready, as many as may be worked on; true when one was. */
  private begin(): boolean {
    const { filler, settings, host } = this;
    let moved = false;
    while (this.active < settings.concurrency && this.onTheirWay < settings.concurrency * waitingRatio) {
      if (host.hasEnded) return moved;
      const entries = filler.ready.shift();
      if (entries === undefined) return moved;
      moved = true;
      this.active++;
      const batch = new Batch(entries, this.done, this.failed);
      if (settings.ordered) this.line.push(batch);
      const inputs = entries.flatMap(({ input, error }) => (error === undefined ? [input] : []));
      if (inputs.length === 0) this.done(batch, []);
      else this.stage.run(inputs, host.ctx, batch);
    }
    return moved;
  }

  private get onTheirWay(): number {
    return this.settings.ordered ? this.line.length : this.active + this.line.length;
  }

  /** Gives what is done, where there is room; true when something moved. */
  private giveOn(): boolean {
    const { line, host } = this;
    let moved = false;
    for (;;) {
      const { first } = line;
      if (first === undefined || !first.isDone) return moved;
      const { item } = first;
      if (item === undefined) line.shift();
      else {
        if (!this.next.isFree || host.hasEnded || !host.takesTurn()) return moved;
        first.taken++;
        this.give(item);
      }
      moved = true;
    }
  }

  private readonly done = (batch: Batch, results: readonly unknown[]): void => {
    const { settled, mapping } = this.settings;
    const { toOutput } = mapping;
    this.end(
      batch,
      (item, index) => {
        const result = results[index];
        const output = settled ? outputOf(result, this.place) : result;
        return toOutput === undefined ? output : toOutput(item.value, output);
      },
      1,
    );
  };

  private readonly failed = (batch: Batch, error: AtomicError, attempts: number): void => {
    const fail = (): never => {
      throw error;
    };
    this.end(batch, fail, attempts);
  };

  /**
   * Ends each item of a batch: it goes on as what the function gives, or fails when that throws.
   *
   * @param outputFor is given the index among those that the agent was given
   */
  private end(batch: Batch, outputFor: (item: Item, index: number) => unknown, attempts: number): void {
    this.active--;
    const { host, settings } = this;
    if (host.hasEnded) return;
    const { onError } = settings;
    let given = 0;
    for (const [index, { item, error }] of batch.entries.entries()) {
      try {
        if (error !== undefined) throw error;
        item.value = outputFor(item, given++);
      } catch (thrown) {
        if (onError === "pass") continue;
        batch.leaveOut(index);
        const failure = this.errorOf(thrown).with({ disposition: onError });
        this.dispose(item, failure, onError, error === undefined ? attempts : 0, this.stage.agent);
        // The first one that stops the flow does so.
        if (host.hasEnded) return;
      }
    }
    batch.isDone = true;
    if (!settings.ordered) this.line.push(batch);
    host.wakeSoon();
  }

  private get place() {
    return { agent: this.stage.agent, stage: this.id, runId: this.host.ctx.runId };
  }

  /** What was thrown, with its place unless it has one. */
  private errorOf(thrown: unknown): AtomicError {
    const { place } = this;
    const isPlaced = AtomicError.isInstance(thrown) && thrown.runId === place.runId;
    return isPlaced ? thrown : toAtomicError(thrown, place);
  }
}

/** Items that an agent works on together. */
class Batch implements StageListener<unknown> {
  readonly entries: readonly Entry[];
  isDone = false;
  /** How many have gone on. */
  taken = 0;
  private readonly left = new Set<number>();
  private readonly onDone: (batch: Batch, results: readonly unknown[]) => void;
  private readonly onFailed: (batch: Batch, error: AtomicError, attempts: number) => void;

  constructor(
    entries: readonly Entry[],
    onDone: (batch: Batch, results: readonly unknown[]) => void,
    onFailed: (batch: Batch, error: AtomicError, attempts: number) => void,
  ) {
    this.entries = entries;
    this.onDone = onDone;
    this.onFailed = onFailed;
  }

  /** The next that goes on. */
  get item(): Item | undefined {
    while (this.left.has(this.taken)) this.taken++;
    return this.entries[this.taken]?.item;
  }

  /** One that has failed does not go on. */
  leaveOut(index: number): void {
    this.left.add(index);
  }

  readonly resolve = (output: unknown): void => {
    // What is bound has been held to give an array of the right length.
    this.onDone(this, output as readonly unknown[]);
  };

  readonly reject = (error: AtomicError, attempts: number): void => {
    this.onFailed(this, error, attempts);
  };
}
