import type { Sleeper } from "./alarms.ts";
import type { Clock } from "./clock.ts";

const slotCount = 512;

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
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #slots: (Sleeper | undefined)[] = Array.from({ length: slotCount }, () => undefined);
  #armed = 0;
  /** The last tick that was handled. Ticks are numbered on the clock's scale. */
  #current = 0;
  #running = false;

  constructor(clock: Clock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
  }

  insert(sleeper: Sleeper, dueMs: number, nowMs: number): void {
    if (!this.#running) this.#start(nowMs);
    sleeper.dueMs = dueMs;
    sleeper.wheel = this;
    this.#armed++;
    this.#place(sleeper);
  }

  /** Moves the due moment of an armed sleeper without touching the slots; refuses when it would wake too late. */
  putOff(sleeper: Sleeper, dueMs: number): boolean {
    if (Math.ceil(dueMs / this.#tickMs) < sleeper.tick) return false;
    sleeper.dueMs = dueMs;
    return true;
  }

  remove(sleeper: Sleeper): void {
    this.#unlink(sleeper);
    sleeper.wheel = undefined;
    this.#armed--;
  }

  #place(sleeper: Sleeper): void {
    const tick = Math.max(Math.ceil(sleeper.dueMs / this.#tickMs), this.#current + 1);
    sleeper.tick = tick;
    const slot = tick % slotCount;
    const head = this.#slots[slot];
    sleeper.before = undefined;
    sleeper.after = head;
    if (head !== undefined) head.before = sleeper;
    this.#slots[slot] = sleeper;
  }

  #unlink(sleeper: Sleeper): void {
    const { before, after } = sleeper;
    if (before === undefined) this.#slots[sleeper.tick % slotCount] = after;
    else before.after = after;
    if (after !== undefined) after.before = before;
    sleeper.before = undefined;
    sleeper.after = undefined;
  }

  #start(nowMs: number): void {
    this.#running = true;
    this.#current = Math.floor(nowMs / this.#tickMs);
    this.#schedule(nowMs);
  }

  #schedule(nowMs: number): void {
    const nextMs = (this.#current + 1) * this.#tickMs;
    this.#clock.setTimer(() => this.#turn(), Math.max(1, Math.ceil(nextMs - nowMs)));
  }

  #turn(): void {
    if (this.#armed === 0) {
      this.#running = false;
      return;
    }
    const nowMs = this.#clock.now();
    const reached = Math.floor(nowMs / this.#tickMs);
    const late = reached - this.#current > 2;
    // After a block the ticks in between are visited once each, and a whole round at most.
    const from = Math.max(this.#current + 1, reached - slotCount + 1);
    this.#current = reached;
    let due: Sleeper | undefined;
    for (let tick = from; tick <= reached; tick++) {
      let sleeper = this.#slots[tick % slotCount];
      while (sleeper !== undefined) {
        const next: Sleeper | undefined = sleeper.after;
        if (sleeper.tick <= reached) {
          this.#unlink(sleeper);
          if (late || sleeper.dueMs > nowMs) this.#place(sleeper);
          else {
            sleeper.after = due;
            due = sleeper;
          }
        }
        sleeper = next;
      }
    }
    // Rescheduled first: a sleeper that throws must not stop the wheel for the others.
    this.#schedule(nowMs);
    while (due !== undefined) {
      const sleeper: Sleeper = due;
      due = sleeper.after;
      sleeper.after = undefined;
      sleeper.wheel = undefined;
      this.#armed--;
      sleeper.wake();
    }
  }
}
