import type { OverflowOrder } from "../overflow/overflow.ts";
import type { Advance, Run, Sorted } from "./run.ts";

/** Records that are put in order elsewhere, and come back as one run. */
export class OverflowRuns {
  private readonly order: OverflowOrder;
  private isClosed = false;

  constructor(order: OverflowOrder) {
    this.order = order;
  }

  /** @throws what writing throws, or an `Error` when it is closed meanwhile */
  async add(records: Iterable<Sorted>): Promise<void> {
    const { order } = this;
    for (const { keys, rest } of records) {
      order.put(keys, rest);
      if (order.isFull) await this.flush();
    }
    await this.flush();
  }

  /** All records that were added; no more may be. */
  runs(): readonly Run[] {
    return [new OverflowRun(this.order)];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.order.close();
  }

  private async flush(): Promise<void> {
    if (this.isClosed) throw new Error("sorting has been given up");
    await this.order.flush();
  }
}

const none: readonly never[] = [];

/** What comes back, read a page at a time, and one page ahead. */
class OverflowRun implements Run {
  /** Nothing is merged with it. */
  readonly age = 0;
  declare head: Sorted;
  onArrival: () => void = () => {};
  private readonly order: OverflowOrder;
  private page: readonly string[] = [];
  private at = 0;
  private nextPage: readonly string[] | undefined = undefined;
  private isReading = false;
  private isAwaited = false;
  private failure: { readonly thrown: unknown } | undefined = undefined;

  constructor(order: OverflowOrder) {
    this.order = order;
    void this.readAhead();
  }

  /** @throws what reading throws */
  advance(): Advance {
    while (this.at >= this.page.length) {
      if (this.failure !== undefined) throw this.failure.thrown;
      if (this.isReading) {
        this.isAwaited = true;
        return "waits";
      }
      if (this.nextPage === undefined) return "over";
      this.page = this.nextPage;
      this.at = 0;
      void this.readAhead();
    }
    // Below the length there is one at each place.
    this.head = { keys: none, item: undefined, rest: this.page[this.at] as string };
    this.at++;
    return "there";
  }

  private async readAhead(): Promise<void> {
    this.isReading = true;
    try {
      this.nextPage = await this.order.read();
    } catch (thrown) {
      this.failure = { thrown };
    }
    this.isReading = false;
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.onArrival();
  }
}
