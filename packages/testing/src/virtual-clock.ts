import { checkKeys, type Clock, type Timer } from "@atomic-agents/core";
import { eventLoopSettled } from "./event-loop.ts";
import { type PendingTimer, TimerQueue } from "./timer-queue.ts";
import { checkSpanMs, usageError, usageErrorOf } from "./usage-error.ts";

/** How a virtual clock begins. */
export interface VirtualClockOptions {
  /** What `now()` says at first; 0. */
  readonly startMs?: number | undefined;
  /** What `timestamp()` says at first, in milliseconds since 1970; 2025-01-01 UTC. */
  readonly timestampMs?: number | undefined;
}

/** How far timers are fired. */
export interface FireLimits {
  /** How far time may go, from where it stands: 30 days. */
  readonly limitMs?: number | undefined;
  /** How many timers may fire; 100,000. */
  readonly maxTimers?: number | undefined;
}

/** A clock whose time stands still until a test moves it. */
export interface VirtualClock extends Clock {
  /** Lets everything settle that needs no time; fires nothing. */
  readonly settle: () => Promise<void>;
  /**
   * Moves time on, and fires the timers that become due: the earliest first, those of one moment in the order in which
   * they were set. Before the first and after each one everything settles that needs no time, so a timer that is set
   * on the way, and is due before the end, fires as well.
   *
   * @throws AtomicError `CONFIG` for a span that is negative or no number, or while another move is under way. What a
   * timer's callback throws rejects the move; time then stands at that timer.
   */
  readonly advance: (ms: number) => Promise<void>;
  /** Moves time to the next timer and fires it; false when there is none. */
  readonly advanceToNext: () => Promise<boolean>;
  /**
   * Fires timers until none is left.
   *
   * @throws AtomicError `CONFIG` when a limit was reached first: something sets timers for ever
   */
  readonly runAll: (limits?: FireLimits) => Promise<void>;
  /**
   * Fires timers until the promise has settled, and gives its outcome.
   *
   * @throws AtomicError `CONFIG` when the promise is still pending with no timer left to fire, or when a limit was
   * reached first; otherwise what the promise rejects with
   */
  readonly until: <TValue>(promise: PromiseLike<TValue>, limits?: FireLimits) => Promise<TValue>;
  /** Makes the wall clock step, forward or back, as a computer's does when it is set; timers do not care. */
  readonly setTimestamp: (timestampMs: number) => void;
  /** How many timers are running. */
  readonly pendingTimers: number;
  /** When the next timer is due, on the scale of `now()`. */
  readonly nextTimerMs: number | undefined;
}

const defaultTimestampMs = Date.UTC(2025, 0, 1);
const defaultLimitMs = 30 * 24 * 60 * 60 * 1_000;
const defaultMaxTimers = 100_000;

/**
 * Makes a clock that moves only when told, so that hours of timeouts and retries are tested in milliseconds and come
 * out the same each time. Give it to a run as `clock`.
 *
 * To let promises settle it waits turns of the event loop, during which Node empties the queue of microtasks, until nothing
 * asks for another one (`setImmediate`, as a flow does after some thousand records) and no file is being read or written. So
 * time stands still meanwhile, and chains of any depth are done. Sockets, child processes and other threads take real time
 * that no virtual clock can move: after `advance` their work may still be under way. `until` is for runs that wait for this
 * clock and for files alone.
 *
 * @throws AtomicError `CONFIG` for a start that is no number, or an unknown option
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const order: string[] = [];
 * clock.setTimer(() => order.push("later"), 60_000);
 * clock.setTimer(() => order.push("soon"), 10);
 * await clock.advance(60_000);
 * console.log(order.join(", "), clock.now()); // => soon, later 60000
 * ```
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  checkKeys("createVirtualClock", options, ["startMs", "timestampMs"]);
  const { startMs = 0, timestampMs = defaultTimestampMs } = options;
  if (!Number.isFinite(startMs)) throw usageError("createVirtualClock", "startMs", "a number", startMs);
  if (!Number.isFinite(timestampMs)) {
    throw usageError("createVirtualClock", "timestampMs", "milliseconds since 1970", timestampMs);
  }
  const timers = new TimerQueue();
  let nowMs = startMs;
  /** What has to be added to `now()` to get `timestamp()`. */
  let wallOffsetMs = timestampMs - startMs;
  let moving = false;

  /** Keeps two moves from running into one another. */
  const moved = async <TValue>(what: string, move: () => Promise<TValue>): Promise<TValue> => {
    if (moving) {
      throw usageErrorOf(
        "Virtual clock",
        what,
        "called when no other move is under way",
        "a call during one",
        "Await each move.",
      );
    }
    moving = true;
    try {
      await eventLoopSettled();
      return await move();
    } finally {
      moving = false;
    }
  };

  const fire = async (timer: PendingTimer): Promise<void> => {
    nowMs = Math.max(nowMs, timer.dueMs);
    timers.remove(timer);
    timer.callback();
    await eventLoopSettled();
  };

  /** Fires timers while there is need, up to the limits; says what stopped it. */
  const fireWhile = async (isNeeded: () => boolean, limits: FireLimits): Promise<"done" | "no-timers"> => {
    checkKeys("Virtual clock", limits, ["limitMs", "maxTimers"]);
    const { limitMs = defaultLimitMs, maxTimers = defaultMaxTimers } = limits;
    checkSpanMs("Virtual clock", "limitMs", limitMs);
    checkSpanMs("Virtual clock", "maxTimers", maxTimers);
    const lastMs = nowMs + limitMs;
    let fired = 0;
    while (isNeeded()) {
      const next = timers.first;
      if (next === undefined) return "no-timers";
      if (next.dueMs > lastMs || fired >= maxTimers) throw limitReached(timers.size, next, limitMs, fired);
      await fire(next);
      fired++;
    }
    return "done";
  };

  return Object.freeze({
    now: () => nowMs,
    timestamp: () => nowMs + wallOffsetMs,
    setTimer: (callback: () => void, delayMs: number): Timer => {
      checkSpanMs("Virtual clock", "setTimer's delayMs", delayMs);
      const timer: PendingTimer = { dueMs: nowMs + delayMs, callback };
      timers.insert(timer);
      return { cancel: () => timers.remove(timer) };
    },
    settle: eventLoopSettled,
    advance: async (ms: number): Promise<void> => {
      checkSpanMs("Virtual clock", "advance's ms", ms);
      await moved("advance", async () => {
        const targetMs = nowMs + ms;
        for (let next = timers.first; next !== undefined && next.dueMs <= targetMs; next = timers.first) {
          await fire(next);
        }
        nowMs = targetMs;
      });
    },
    advanceToNext: () =>
      moved("advanceToNext", async () => {
        const next = timers.first;
        if (next === undefined) return false;
        await fire(next);
        return true;
      }),
    runAll: (limits: FireLimits = {}) =>
      moved("runAll", async () => {
        await fireWhile(() => timers.size > 0, limits);
      }),
    until: <TValue>(promise: PromiseLike<TValue>, limits: FireLimits = {}): Promise<TValue> => {
      let pending = true;
      const settled = () => {
        pending = false;
      };
      promise.then(settled, settled);
      return moved("until", async () => {
        if ((await fireWhile(() => pending, limits)) === "no-timers") throw nothingWakes(nowMs);
        return await promise;
      });
    },
    setTimestamp: (newTimestampMs: number) => {
      if (!Number.isFinite(newTimestampMs)) {
        throw usageError(
          "Virtual clock",
          "setTimestamp's timestampMs",
          "milliseconds since 1970",
          newTimestampMs,
        );
      }
      wallOffsetMs = newTimestampMs - nowMs;
    },
    get pendingTimers() {
      return timers.size;
    },
    get nextTimerMs() {
      return timers.first?.dueMs;
    },
  });
}

function limitReached(pending: number, next: PendingTimer, limitMs: number, fired: number): Error {
  return usageErrorOf(
    "Virtual clock",
    "its timers",
    `at an end within ${limitMs} ms`,
    `${pending} running after ${fired} fired, the next due at ${next.dueMs} ms`,
    "Something sets timers again and again: stop it first, use advance(ms), or raise limitMs or maxTimers.",
  );
}

function nothingWakes(nowMs: number): Error {
  return usageErrorOf(
    "Virtual clock",
    "the promise",
    "settled by a timer of this clock",
    `a pending promise and no timer at ${nowMs} ms`,
    "It waits for something that never comes, or for a socket or another process: await that without the clock.",
  );
}
