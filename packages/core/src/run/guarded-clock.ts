import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import type { Clock, Timer } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";

/** What has to hear that its clock failed: the outermost frames of runs. */
interface Faultable {
  readonly fail: (thrown: unknown) => void;
}

const what = "Run options";
const known = new WeakMap<Clock, GuardedClock>();
const noTimer: Timer = { cancel: () => {} };

/**
 * The guarded form of a clock that is not ours; the same one each time, since limits and alarms know clocks apart.
 *
 * @throws AtomicError `CONFIG` when the clock does not tell the time
 */
export function guardClock(clock: Clock): GuardedClock {
  let nowMs: unknown;
  try {
    nowMs = clock.now();
  } catch (thrown) {
    throw clockError("now", thrown);
  }
  if (typeof nowMs !== "number" || Number.isNaN(nowMs)) {
    throw configError(what, "what clock.now() gives", "a number of milliseconds", nowMs);
  }
  let guarded = known.get(clock);
  if (guarded === undefined) {
    guarded = new GuardedClock(clock);
    known.set(clock, guarded);
  }
  return guarded;
}

/**
 * A clock that never throws, around one that may. Runs read it from timers and promises, where nobody would catch what
 * it throws: instead it stands still, and the runs that go by it end with the error.
 */
export class GuardedClock implements Clock {
  readonly #clock: Clock;
  readonly #running = new Set<Faultable>();
  #nowMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly now = (): number => {
    try {
      this.#nowMs = this.#clock.now();
    } catch (thrown) {
      this.#fail("now", thrown);
    }
    return this.#nowMs;
  };

  readonly timestamp = (): number => {
    try {
      return this.#clock.timestamp();
    } catch (thrown) {
      this.#fail("timestamp", thrown);
      return systemClock.timestamp();
    }
  };

  readonly setTimer = (callback: () => void, delayMs: number): Timer => {
    try {
      return this.#clock.setTimer(callback, delayMs);
    } catch (thrown) {
      this.#fail("setTimer", thrown);
      return noTimer;
    }
  };

  /** Has a run told when the clock fails, until it is forgotten. */
  watch(run: Faultable): void {
    this.#running.add(run);
  }

  forget(run: Faultable): void {
    this.#running.delete(run);
  }

  #fail(method: keyof Clock, thrown: unknown): void {
    const error = clockError(method, thrown);
    // Later, since whoever has just read the time is in the middle of something.
    queueMicrotask(() => {
      for (const run of this.#running) run.fail(error);
    });
  }
}

function clockError(method: keyof Clock, thrown: unknown): AtomicError<"CONFIG"> {
  const text = thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown}`;
  return new AtomicError("CONFIG", `${what}: clock.${method}() threw: ${text}`, {
    details: { path: `clock.${method}`, expected: "a function that does not throw", got: text },
    cause: thrown,
    hint: "Timeouts and retries go by the clock: mend it, or leave it out for the computer's own.",
  });
}
