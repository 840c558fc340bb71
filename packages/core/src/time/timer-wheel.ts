import type { Sleeper } from "./alarms.ts";
import type { Clock } from "./clock.ts";

/** A power of two, so that a slot is found by a bit mask; `%` on these numbers costs more than all the rest. */
const slotCount = 512;
const slotMask = slotCount - 1;

/** In place of a slot: it is due, and about to be woken. */
const dueSlot = -1;
/** In place of a slot: it has not been asked yet when to wake. */
const newSlot = -2;

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6): arming and disarming cost a few pointer moves,
 * whatever the number of sleepers, and one timer of the clock drives them all. It wakes a sleeper never early and,
 * as long as the event loop turns, at most two ticks late.
 *
 * The timer runs while somebody is armed, and keeps the process alive meanwhile; it stops at the first tick that
 * finds nobody. When a tick comes late because the event loop was blocked, sleepers that became due meanwhile are
 * given one more tick: results that arrived during the block are seen before the deadline.
 */
export class TimerWheel {
  private readonly clock: Clock;
  private readonly tickMs: number;
  private readonly slots: (Sleeper | undefined)[] = Array.from({ length: slotCount }, () => undefined);
  /** Those that have not been asked yet when to wake, the last one first. */
  private newest: Sleeper | undefined = undefined;
  private armed = 0;
  /** The last tick that was handled. Ticks are numbered on the clock's scale. */
  private current = 0;
  private running = false;
  /** When the last tick was handled. */
  private turnedMs = 0;

  constructor(clock: Clock, tickMs: number) {
    this.clock = clock;
    this.tickMs = tickMs;
  }

  insert(sleeper: Sleeper, dueMs: number, nowMs: number): void {
    if (!this.running) this.start(nowMs);
    sleeper.dueMs = dueMs;
    sleeper.wheel = this;
    this.armed++;
    this.place(sleeper);
  }

  /** Takes in a sleeper that says at the next tick when to wake; it must be in no wheel. */
  insertUnasked(sleeper: Sleeper): void {
    if (!this.running) this.start(this.clock.now());
    const { newest } = this;
    sleeper.wheel = this;
    sleeper.slot = newSlot;
    sleeper.before = undefined;
    sleeper.after = newest;
    if (newest !== undefined) newest.before = sleeper;
    this.newest = sleeper;
    this.armed++;
  }

  remove(sleeper: Sleeper): void {
    if (sleeper.slot !== dueSlot) this.unlink(sleeper);
    sleeper.wheel = undefined;
    this.armed--;
  }

  private place(sleeper: Sleeper): void {
    const tick = Math.max(Math.ceil(dueOf(sleeper) / this.tickMs), this.current + 1);
    const slot = tick & slotMask;
    const head = this.slots[slot];
    sleeper.slot = slot;
    sleeper.before = undefined;
    sleeper.after = head;
    if (head !== undefined) head.before = sleeper;
    this.slots[slot] = sleeper;
  }

  private unlink(sleeper: Sleeper): void {
    const { before, after } = sleeper;
    if (before !== undefined) before.after = after;
    else if (sleeper.slot === newSlot) this.newest = after;
    else this.slots[sleeper.slot] = after;
    if (after !== undefined) after.before = before;
    sleeper.before = undefined;
    sleeper.after = undefined;
  }

  private start(nowMs: number): void {
    this.running = true;
    this.current = Math.floor(nowMs / this.tickMs);
    this.turnedMs = nowMs;
    this.schedule(nowMs);
  }

  private schedule(nowMs: number): void {
    const nextMs = (this.current + 1) * this.tickMs;
    this.clock.setTimer(() => this.turn(), Math.max(1, Math.ceil(nextMs - nowMs)));
  }

  /** Asks those that came since the last tick when to wake. */
  private askNewest(nowMs: number): void {
    for (let sleeper = this.newest; sleeper !== undefined; sleeper = this.newest) {
      this.unlink(sleeper);
      const dueMs = sleeper.dueFrom?.(nowMs) ?? nowMs;
      if (dueMs === Number.POSITIVE_INFINITY) {
        sleeper.wheel = undefined;
        this.armed--;
      } else {
        sleeper.dueMs = dueMs;
        this.place(sleeper);
      }
    }
  }

  private turn(): void {
    if (this.armed === 0) {
      this.running = false;
      return;
    }
    const nowMs = this.clock.now();
    const reached = Math.floor(nowMs / this.tickMs);
    // What was due at the last turn already has had its tick more.
    const graceFromMs = reached - this.current > 2 ? this.turnedMs : Number.POSITIVE_INFINITY;
    this.turnedMs = nowMs;
    // After a block the ticks in between are visited once each, and a whole round at most.
    const from = Math.max(this.current + 1, reached - slotMask);
    this.current = reached;
    const due: Sleeper[] = [];
    for (let tick = from; tick <= reached; tick++) {
      let sleeper = this.slots[tick & slotMask];
      while (sleeper !== undefined) {
        const next: Sleeper | undefined = sleeper.after;
        this.unlink(sleeper);
        // Not yet its round, put off, or given a tick more.
        const dueMs = dueOf(sleeper);
        if (dueMs > nowMs || dueMs > graceFromMs) this.place(sleeper);
        else {
          sleeper.slot = dueSlot;
          due.push(sleeper);
        }
        sleeper = next;
      }
    }
    this.askNewest(nowMs);
    this.schedule(nowMs);
    // A sleeper that throws must not keep the others asleep; what it threw is told when all are awake.
    const thrown: unknown[] = [];
    for (const sleeper of due) {
      try {
        // One that was woken before it may have taken this one out, or armed it anew.
        if (sleeper.wheel !== this || sleeper.slot !== dueSlot) continue;
        sleeper.wheel = undefined;
        this.armed--;
        sleeper.wake();
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}

/** A sleeper that is in a slot has said when to wake. */
function dueOf(sleeper: Sleeper): number {
  return sleeper.dueMs ?? 0;
}
