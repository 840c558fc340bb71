import type { Run, Sorted } from "./run.ts";

/** The first of it has to be waited for. */
export const notRead: unique symbol = Symbol("not read");

/** Makes one order of many: always gives the first of what its runs begin with. */
export class Merge {
  /** Called when something that was waited for is there. */
  onArrival: () => void = () => {};
  private readonly compare: (first: Sorted, second: Sorted) => number;
  /** A binary heap of the runs whose first record is known. */
  private readonly heap: Run[] = [];
  private waiting = 0;
  /** Whether what the heap's first run begins with has been given. */
  private isStale = false;
  /** Runs that nobody has asked for their first record yet. */
  private unasked: Run[];

  constructor(runs: readonly Run[], compare: (first: Sorted, second: Sorted) => number) {
    this.unasked = [...runs];
    this.compare = compare;
  }

  /** The next in order; `notRead` while it has to be waited for, undefined at the end. @throws what reading throws */
  next(): Sorted | typeof notRead | undefined {
    const { heap } = this;
    if (this.isStale) {
      this.isStale = false;
      this.replaceFirst();
    }
    const { unasked } = this;
    if (unasked.length > 0) {
      this.unasked = [];
      for (const run of unasked) this.ask(run);
    }
    if (this.waiting > 0) return notRead;
    const [first] = heap;
    if (first === undefined) return undefined;
    this.isStale = true;
    return first.head;
  }

  /** Takes a run in that is not in the heap. */
  private ask(run: Run): void {
    const answer = run.advance();
    if (answer === "there") this.push(run);
    else if (answer === "waits") this.await(run);
  }

  private await(run: Run): void {
    this.waiting++;
    run.onArrival = () => {
      this.waiting--;
      this.unasked.push(run);
      this.onArrival();
    };
  }

  private replaceFirst(): void {
    const { heap } = this;
    const [first] = heap;
    if (first === undefined) return;
    const answer = first.advance();
    if (answer !== "there") {
      const last = heap.pop();
      if (last !== undefined && last !== first) heap[0] = last;
      if (answer === "waits") this.await(first);
    }
    this.sink();
  }

  private push(run: Run): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(run);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !this.isBefore(run, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = run;
  }

  /** Moves the first run down to its place. */
  private sink(): void {
    const { heap } = this;
    const [run] = heap;
    if (run === undefined) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      let least = heap[left];
      if (least === undefined) break;
      let leastAt = left;
      const right = heap[left + 1];
      if (right !== undefined && this.isBefore(right, least)) {
        least = right;
        leastAt = left + 1;
      }
      if (!this.isBefore(least, run)) break;
      heap[at] = least;
      at = leastAt;
    }
    heap[at] = run;
  }

  private isBefore(first: Run, second: Run): boolean {
    const order = this.compare(first.head, second.head);
    return order === 0 ? first.age < second.age : order < 0;
  }
}
