import type { Clock, Timer } from "@atomic-agents/core";
import { Deque } from "../deque.ts";
import type { CheckedLimits } from "./batch-options.ts";

/** Who fills batches, once it is known. */
export interface FillerHost {
  readonly ctx: { readonly clock: Clock };
  readonly hasEnded: boolean;
  readonly wake: () => void;
}

/** Puts entries into batches. It is handed one more only while no batch is ready, so that what it holds is bounded. */
export class BatchFiller<TEntry> {
  /** Those that are full, or have waited long enough. */
  readonly ready = new Deque<readonly TEntry[]>();
  private readonly limits: CheckedLimits;
  private entries: TEntry[] = [];
  private bytes = 0;
  private dueMs = 0;
  private timer: Timer | undefined = undefined;
  declare private host: FillerHost;

  constructor(limits: CheckedLimits) {
    this.limits = limits;
  }

  join(host: FillerHost): void {
    this.host = host;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0 && this.ready.length === 0;
  }

  /**
   * How long a record is.
   *
   * @throws TypeError for what is no JSON
   */
  measure(value: unknown): number {
    if (this.limits.maxBytes === undefined) return 0;
    // Undefined for what is no JSON, in spite of its type.
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError("a record that is no JSON has no length");
    return Buffer.byteLength(text);
  }

  add(entry: TEntry, bytes: number): void {
    const { size, maxBytes = Number.POSITIVE_INFINITY, maxWaitMs } = this.limits;
    if (this.bytes + bytes > maxBytes) this.flush();
    const count = this.entries.push(entry);
    this.bytes += bytes;
    if (count >= size || this.bytes >= maxBytes) this.flush();
    else if (count === 1 && maxWaitMs !== undefined) this.await(maxWaitMs);
  }

  /** Has what there is be a batch. */
  flush(): void {
    if (this.entries.length === 0) return;
    this.ready.push(this.entries);
    this.entries = [];
    this.bytes = 0;
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** One timer serves all batches: when it rings for an earlier one, it is set again. */
  private await(maxWaitMs: number): void {
    const { clock } = this.host.ctx;
    this.dueMs = clock.now() + maxWaitMs;
    this.timer ??= clock.setTimer(this.onTimer, maxWaitMs);
  }

  private readonly onTimer = (): void => {
    this.timer = undefined;
    const { host, dueMs } = this;
    if (this.entries.length === 0 || host.hasEnded) return;
    const leftMs = dueMs - host.ctx.clock.now();
    if (leftMs > 0) {
      this.timer = host.ctx.clock.setTimer(this.onTimer, leftMs);
      return;
    }
    this.flush();
    host.wake();
  };
}
