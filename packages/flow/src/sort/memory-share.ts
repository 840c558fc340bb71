import { getHeapStatistics } from "node:v8";

/** Of so many records one is measured. */
const recordsPerSample = 16;
/** What V8 counts into its limit and keeps for short-lived objects: three halves of 64 MiB, and a little. */
const youngBytes = 206_000_000;
/** A record takes about five times the memory that it has text as JSON; a quarter of what there is may be so used. */
const heapPerTextLength = 20;
/** So much is kept in memory all the same. */
const minTextLength = 4_194_304;

/** Whether records take more than their share of the memory, by the lengths of some of them as JSON. */
export class MemoryShare {
  private readonly maxTextLength = Math.max(
    minTextLength,
    (getHeapStatistics().heap_size_limit - youngBytes) / heapPerTextLength,
  );
  private seen = 0;
  private sampledCount = 0;
  private sampledLength = 0;

  /** Told of each record that comes. */
  note(record: unknown): void {
    this.seen++;
    if (this.seen % recordsPerSample !== 1) return;
    let length = 0;
    try {
      // Undefined for what is no JSON, in spite of its type.
      length = (JSON.stringify(record) as string | undefined)?.length ?? 0;
    } catch {
      // What is no JSON is found when it has to be.
    }
    this.sampledCount++;
    this.sampledLength += length;
  }

  /** Whether so many of them are too many to be kept in memory. */
  isExceededBy(count: number): boolean {
    return (count * this.sampledLength) / Math.max(1, this.sampledCount) > this.maxTextLength;
  }
}
