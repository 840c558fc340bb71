import type { Clock } from "@atomic-agents/core";
import { Deque } from "../deque.ts";
import type { ReadTime } from "../window/event-time.ts";
import { StreamTime } from "../window/stream-time.ts";

/** How long records are remembered: for so many records, or for a span of their time. */
export type HorizonSettings =
  | { readonly records: number }
  | { readonly ms: number; readonly readTime: ReadTime; readonly maxAheadMs: number };

/** Says of what is remembered when it is to be forgotten. */
export class Horizon<TMark> {
  private readonly span: number;
  private readonly move: (record: unknown) => number;
  private now = 0;
  private readonly marks = new Deque<{ readonly at: number; readonly mark: TMark }>();

  constructor(settings: HorizonSettings, clock: Clock) {
    if ("records" in settings) {
      this.span = settings.records;
      this.move = () => this.now + 1;
      return;
    }
    const { ms, readTime, maxAheadMs } = settings;
    const time = new StreamTime(clock, maxAheadMs);
    this.span = ms;
    this.move = (record) => {
      const timeMs = readTime(record);
      // One from the future tells nothing of the time.
      if (timeMs > time.latestMs && time.tooFarAhead(timeMs) === undefined) time.latestMs = timeMs;
      return time.latestMs;
    };
  }

  /** Moves on to a record. @throws TypeError when it has no time; nothing changes then */
  moveTo(record: unknown): void {
    this.now = this.move(record);
  }

  remember(mark: TMark): void {
    this.marks.push({ at: this.now, mark });
  }

  /** Has all be forgotten that is too long ago. */
  passOver(forget: (mark: TMark) => void): void {
    for (;;) {
      const { first } = this.marks;
      // Before there is a time the difference is none.
      if (first === undefined || !(this.now - first.at > this.span)) return;
      this.marks.shift();
      forget(first.mark);
    }
  }
}
