import { AtomicError, type MaybePromise, type Timer, toAtomicError } from "@atomic-agents/core";
import { encodeFailure } from "../encode-failure.ts";
import { close, fate, type Fate, isWhole, type Item } from "../item.ts";
import { sinkFailure } from "../sink-failure.ts";
import type { Sink, SinkContext, SinkWriter } from "../sink.ts";
import { Node } from "./node.ts";

/**
 * How much text is written at a time: a record may be large, and what waits is bounded. Joined, it is a text that V8 still
 * keeps among what it collects soon.
 */
const maxTextLength = 65_536;
/** The most that one write may take. */
const writeTimeoutMs = 120_000;

/** Collects items and has them written, some at a time; they have ended when the sink has acknowledged them. */
export class SinkNode extends Node {
  name: string;
  written = 0;
  isPublished = false;
  /** Whether a write has failed. */
  isBroken = false;
  /** The write that is under way. */
  writing: Promise<void> | undefined = undefined;
  readonly open: (context: SinkContext) => MaybePromise<SinkWriter<never>>;
  /** Set when it is opened. */
  declare writer: SinkWriter<never>;
  private readonly nameIn: ((runId: string) => string) | undefined;
  private encode: ((record: never) => unknown) | undefined;
  private readonly maxRecords: number;
  private readonly outcome: Fate;
  private values: unknown[] = [];
  /** The length of those of them that are texts. */
  private textLength = 0;
  /** What they were, where more than one sink or part of a record decides how it ends. */
  private items: Item[] = [];
  private wholeCount = 0;
  private dueMs = 0;
  private timer: Timer | undefined = undefined;

  constructor(sink: Sink<never>, outcome: Fate = fate.delivered) {
    super(sink.name);
    this.name = sink.name;
    const { encode, maxRecords, open, nameIn } = sink["~sink"];
    this.nameIn = nameIn;
    this.open = open;
    this.encode = encode;
    this.maxRecords = maxRecords;
    this.outcome = outcome;
  }

  /** Has the name that it has in the run, also where it cannot be opened. */
  joinRun(runId: string): void {
    this.name = this.nameIn?.(runId) ?? this.name;
  }

  /** Takes the writer that was opened for this flow. */
  use(writer: SinkWriter<never>): void {
    this.writer = writer;
    this.name = writer.name ?? this.name;
    this.encode = writer.encode ?? this.encode;
  }

  override get isFree(): boolean {
    return this.values.length < this.maxRecords && this.textLength < maxTextLength;
  }

  override get isEmpty(): boolean {
    return this.values.length === 0 && this.writing === undefined;
  }

  /** Whether something waits to be written that could be. */
  get isWaiting(): boolean {
    return this.values.length > 0 && this.writing === undefined;
  }

  override take(item: Item): void {
    this.put(item, item.value);
  }

  /** Takes a value in the place of an item. */
  put(item: Item, value: unknown): void {
    this.taken++;
    let encoded = value;
    if (this.encode !== undefined) {
      try {
        // Takes what the flow's type says it gives.
        encoded = this.encode(value as never);
      } catch (thrown) {
        // A letter that cannot be written down is at least counted.
        if (this.outcome === fate.deadLettered) close(item, fate.deadLettered, this.host);
        else this.dispose(item, encodeFailure(thrown, this.id), "dead-letter");
        return;
      }
    }
    this.values.push(encoded);
    // Of most items nothing but their number is needed when they are acknowledged.
    if (isWhole(item) && this.writer.mayRefuse !== true) this.wholeCount++;
    else this.items.push(item);
    if (typeof encoded === "string") this.textLength += encoded.length;
    if (this.writing === undefined && !this.isFree) this.flush();
  }

  override resume(): boolean {
    if (this.writing !== undefined || this.values.length === 0) return false;
    if (!this.inputEnded && this.isFree) return false;
    this.flush();
    return true;
  }

  /** Has written what there is. */
  flush(): void {
    const { values, items, wholeCount, host } = this;
    this.wholeCount = 0;
    this.values = [];
    this.items = [];
    this.textLength = 0;
    let writing: MaybePromise<void>;
    try {
      // What `encode` gave is what the writer takes.
      writing = this.writer.write(values as never[]);
    } catch (thrown) {
      this.writeFailed(thrown, items);
      return;
    }
    if (writing === undefined || typeof writing.then !== "function") {
      this.acknowledge(values.length, items, wholeCount);
      return;
    }
    this.armTimer();
    this.writing = Promise.resolve(writing).then(
      () => {
        this.writing = undefined;
        this.acknowledge(values.length, items, wholeCount);
        host.wake();
      },
      (thrown: unknown) => {
        this.writing = undefined;
        this.writeFailed(thrown, items);
        host.wake();
      },
    );
  }

  private writeFailed(thrown: unknown, items: readonly Item[]): void {
    const { host } = this;
    const isRefusal =
      this.writer.mayRefuse === true &&
      AtomicError.isInstance(thrown) &&
      thrown.disposition === "dead-letter";
    if (!isRefusal) {
      this.isBroken = true;
      host.fail(this.failureOf(thrown));
      return;
    }
    // What has ended has no place for letters any more.
    if (host.hasEnded) return;
    const error = toAtomicError(thrown, { stage: this.id });
    for (const item of items) this.dispose(item, error, "dead-letter");
  }

  stopTimer(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private acknowledge(count: number, items: readonly Item[], wholeCount: number): void {
    this.written += count;
    this.given += count;
    if (wholeCount > 0) this.host.settle(this.outcome, wholeCount);
    for (const item of items) close(item, this.outcome, this.host);
  }

  /**
   * What is to be said of a failure of the sink.
   *
   * @param published the names of sinks that had published before
   */
  failureOf(thrown: unknown, published: readonly string[] = []): AtomicError {
    const { name, written, writer } = this;
    // Without a writer it could not even be opened.
    const isDirect = writer?.isDirect ?? (writer !== undefined && writer.publish === undefined);
    return sinkFailure(thrown, { name, written, isDirect, published });
  }

  /** One timer serves all writes: when it rings for an earlier one, it is set again. */
  private armTimer(): void {
    const { clock } = this.host.ctx;
    this.dueMs = clock.now() + writeTimeoutMs;
    this.timer ??= clock.setTimer(this.onTimer, writeTimeoutMs);
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    if (this.writing === undefined || this.host.hasEnded) return;
    const leftMs = this.dueMs - this.host.ctx.clock.now();
    if (leftMs > 0) {
      this.timer = this.host.ctx.clock.setTimer(this.onTimer, leftMs);
      return;
    }
    this.host.fail(
      new AtomicError(
        "TIMEOUT",
        `Sink "${this.name}" did not acknowledge a write within ${writeTimeoutMs} ms`,
        {
          stage: this.id,
          details: { scope: "attempt", timeoutMs: writeTimeoutMs },
        },
      ),
    );
  };
}
