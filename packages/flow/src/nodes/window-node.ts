import { AtomicError, type Timer, toAtomicError } from "@atomic-agents/core";
import { Figures } from "../aggregation/figures.ts";
import { refusal } from "../aggregation/refusal.ts";
import type { Item } from "../item.ts";
import type { KeyValue } from "../keys.ts";
import { isInherited } from "../member.ts";
import { tooFarAhead, tooLate } from "../window/event-time-error.ts";
import { StreamTime } from "../window/stream-time.ts";
import type { WindowSettings } from "../window/window-options.ts";
import type { Closed, WindowStore } from "../window/window-store.ts";
import { Node } from "./node.ts";

/**
 * Computes figures of groups of items in windows of time, and gives those of a window when no more items are waited for
 * that belong to it: when the watermark has passed its end by as much as items may be late, or when no more come.
 */
export class WindowNode extends Node {
  private readonly settings: WindowSettings;
  private readonly figures: Figures;
  private readonly store: WindowStore;
  /** Set when the first item comes: the clock is that of the run. */
  private time: StreamTime | undefined = undefined;
  /** What windows have ended by: the watermark, without what items may be late. */
  private closedMs = Number.NEGATIVE_INFINITY;
  /** Of the windows that are over; the first is given next. */
  private closed: readonly Closed[] = [];
  private closedAt = 0;
  /** What was read of an item's keys, in an array that serves all. */
  private readonly keys: KeyValue[] = [];
  private timer: Timer | undefined = undefined;
  /** When the timer is up, by the run's clock. */
  private timerMs = 0;
  /** When the last item came, by the run's clock. */
  private arrivedMs = 0;

  constructor(id: string, settings: WindowSettings) {
    super(id);
    this.settings = settings;
    this.figures = new Figures("flow.window", settings.calculate);
    this.store = settings.makeStore(id, this.figures);
  }

  /** Not while windows that are over have not gone on: what comes then is to find them closed. */
  override get isFree(): boolean {
    return this.closedAt === this.closed.length && this.store.nextEndMs > this.closedMs;
  }

  override get isEmpty(): boolean {
    return this.closedAt === this.closed.length && this.store.size === 0;
  }

  override take(item: Item): void {
    this.taken++;
    const { keys, settings, store } = this;
    let timeMs: number;
    try {
      // Sees to it that it has keys.
      this.figures.read(item.value);
      timeMs = settings.readTime(item.value);
      this.readKeys(item.value as Readonly<Record<string, unknown>>);
    } catch (thrown) {
      this.dispose(item, toAtomicError(thrown, { stage: this.id, agent: this.id }), settings.onError);
      return;
    }
    const time = (this.time ??= new StreamTime(this.host.ctx.clock, settings.maxAheadMs));
    const aheadMs = time.tooFarAhead(timeMs);
    if (aheadMs !== undefined) {
      this.refuse(item, tooFarAhead(this.id, timeMs, aheadMs, settings.maxAheadMs));
      return;
    }
    if (settings.idleMs !== undefined) this.noteArrival(settings.idleMs);
    const place = store.placeFor(timeMs, keys, this.closedMs);
    if (place === undefined) {
      const { allowedLatenessMs } = settings;
      const watermarkMs = this.closedMs + allowedLatenessMs;
      const endMs = store.lastEndOf(timeMs);
      this.refuse(item, tooLate(this.id, timeMs, endMs, watermarkMs, allowedLatenessMs));
      return;
    }
    place.figures.add();
    place.gathering.add(item);
    if (store.size > settings.maxOpenWindows) {
      this.host.fail(tooManyWindows(this.id, settings.maxOpenWindows));
      return;
    }
    if (timeMs > time.latestMs) {
      time.latestMs = timeMs;
      this.reach(timeMs);
      if (store.nextEndMs <= this.closedMs) this.resume();
    }
  }

  override get absorbs(): boolean {
    // When items arrive has to be noted.
    return this.settings.idleMs === undefined;
  }

  override absorb(values: readonly unknown[], from: number, to: number, number: number): number {
    const { figures, keys, settings, store } = this;
    const { readTime, maxOpenWindows } = settings;
    const waitMs = settings.outOfOrderMs + settings.allowedLatenessMs;
    const time = (this.time ??= new StreamTime(this.host.ctx.clock, settings.maxAheadMs));
    let at = from;
    try {
      for (; at < to && store.size <= maxOpenWindows; at++) {
        const value = values[at];
        figures.read(value);
        const timeMs = readTime(value);
        this.readKeys(value as Readonly<Record<string, unknown>>);
        if (timeMs > time.latestMs) {
          // What closes windows comes as an item, and so does what is refused.
          if (timeMs - waitMs >= store.nextEndMs || time.tooFarAhead(timeMs) !== undefined) break;
        }
        const place = store.placeFor(timeMs, keys, this.closedMs);
        if (place === undefined) break;
        place.figures.add();
        place.gathering.addWholes(1, number + at - from);
        if (timeMs > time.latestMs) {
          time.latestMs = timeMs;
          this.reach(timeMs);
        }
      }
    } catch {
      // As above.
    }
    this.taken += at - from;
    if (store.size > maxOpenWindows) this.host.fail(tooManyWindows(this.id, maxOpenWindows));
    return at;
  }

  private readKeys(record: Readonly<Record<string, unknown>>): void {
    const { by } = this.settings;
    for (let index = 0; index < by.length; index++) {
      // Below its length there is one at each place.
      const key = by[index] as string;
      let value = record[key];
      if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
        if (isInherited(record, key)) value = undefined;
        else if (value !== null && value !== undefined) {
          throw refusal(key, "a text, a number, true, false or null", value);
        }
      }
      // Others have been refused.
      this.keys[index] = value as KeyValue;
    }
  }

  /** Moves the watermark on as if a record of a time had come. */
  private reach(timeMs: number): void {
    const { outOfOrderMs, allowedLatenessMs } = this.settings;
    const closedMs = timeMs - outOfOrderMs - allowedLatenessMs;
    if (closedMs > this.closedMs) this.closedMs = closedMs;
  }

  override resume(): boolean {
    if (this.inputEnded) this.stopTimer();
    const closedMs = this.inputEnded ? Number.POSITIVE_INFINITY : this.closedMs;
    let moved = false;
    for (;;) {
      const { closed } = this;
      if (this.closedAt < closed.length) {
        if (!this.next.isFree || this.host.hasEnded || !this.host.takesTurn()) return moved;
        // Below its length there is one at each place.
        const { toItem } = closed[this.closedAt] as Closed;
        this.closedAt++;
        this.give(toItem());
        moved = true;
        continue;
      }
      this.closed = this.store.takeNext(closedMs);
      this.closedAt = 0;
      if (this.closed.length === 0) return moved;
      moved = true;
    }
  }

  override close(): undefined {
    this.stopTimer();
    return undefined;
  }

  private refuse(item: Item, error: AtomicError): void {
    this.dispose(item, error, this.settings.onLate);
  }

  private noteArrival(idleMs: number): void {
    const { clock } = this.host.ctx;
    this.arrivedMs = clock.now();
    // It may be waiting for a window that was to be the next one in a silence that is over.
    if (this.timer === undefined || this.timerMs > this.arrivedMs + idleMs) this.wakeIn(idleMs);
  }

  private wakeIn(waitMs: number): void {
    const { clock } = this.host.ctx;
    const ms = Math.min(waitMs, maxTimerMs);
    this.timer?.cancel();
    this.timerMs = clock.now() + ms;
    this.timer = clock.setTimer(this.onTimer, ms);
  }

  /** Nothing may have come for long: time goes on with the clock. */
  private readonly onTimer = (): void => {
    this.timer = undefined;
    const { host, settings, store, time } = this;
    const { idleMs, outOfOrderMs, allowedLatenessMs } = settings;
    if (host.hasEnded || this.inputEnded || time === undefined || idleMs === undefined) return;
    const { clock } = host.ctx;
    const passedMs = clock.now() - this.arrivedMs;
    let waitMs = idleMs - passedMs;
    if (waitMs <= 0) {
      this.reach(time.latestMs + passedMs);
      // What is over goes on; the next window is over by then.
      host.wake();
      if (host.hasEnded || store.size === 0) return;
      waitMs = Math.max(1, store.nextEndMs + outOfOrderMs + allowedLatenessMs - time.latestMs - passedMs);
    }
    // An item that had to wait may have come.
    if (this.timer === undefined) this.wakeIn(waitMs);
  };

  private stopTimer(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}

const maxTimerMs = 2_147_483_647;

function tooManyWindows(stage: string, maxOpenWindows: number): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", `Stage "${stage}" has more than ${maxOpenWindows} windows open`, {
    stage,
    details: { thrown: "too many open windows" },
    retryable: false,
    hint: "Group by keys with fewer values, wait less for late records, or raise maxOpenWindows, if there is memory for it.",
  });
}
