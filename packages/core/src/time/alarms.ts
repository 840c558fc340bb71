import type { Clock, Timer } from "./clock.ts";
import { systemClock } from "./system-clock.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** Something that can be woken once at a moment. It carries its own place in the wheel, so arming allocates nothing. */
export interface Sleeper {
  /** When to wake, on the clock's scale; may be put later while armed. */
  dueMs: number;
  /** Where the wheel keeps it; not armed when undefined. */
  wheel: TimerWheel | undefined;
  tick: number;
  before: Sleeper | undefined;
  after: Sleeper | undefined;
  /** The timer of a clock without a wheel. */
  timer: Timer | undefined;
  readonly wake: () => void;
}

/** Wakes sleepers; one waits for at most one moment at a time. */
export interface Alarms {
  /** Wakes the sleeper at `dueMs`, never before; replaces what it waited for. */
  readonly arm: (sleeper: Sleeper, dueMs: number, nowMs: number) => void;
  readonly disarm: (sleeper: Sleeper) => void;
}

/** Delays from here on use the coarse wheel. */
const coarseFromMs = 1_000;

/** Two wheels serve the whole process: 4 ms ticks for short waits, 64 ms ticks for those of a second or more. */
function systemAlarms(): Alarms {
  const fine = new TimerWheel(systemClock, 4);
  const coarse = new TimerWheel(systemClock, 64);
  return {
    arm: (sleeper, dueMs, nowMs) => {
      const wheel = dueMs - nowMs < coarseFromMs ? fine : coarse;
      if (sleeper.wheel === wheel && wheel.putOff(sleeper, dueMs)) return;
      if (sleeper.wheel !== undefined) sleeper.wheel.remove(sleeper);
      wheel.insert(sleeper, dueMs, nowMs);
    },
    disarm: (sleeper) => {
      if (sleeper.wheel !== undefined) sleeper.wheel.remove(sleeper);
    },
  };
}

/** Any other clock is asked for one exact timer a wait. */
function exactAlarms(clock: Clock): Alarms {
  const disarm = (sleeper: Sleeper) => {
    sleeper.timer?.cancel();
    sleeper.timer = undefined;
  };
  return {
    arm: (sleeper, dueMs, nowMs) => {
      disarm(sleeper);
      sleeper.dueMs = dueMs;
      sleeper.timer = clock.setTimer(
        () => {
          sleeper.timer = undefined;
          sleeper.wake();
        },
        Math.max(0, dueMs - nowMs),
      );
    },
    disarm,
  };
}

const known = new WeakMap<Clock, Alarms>();

/** The alarms of a clock; made on first use. */
export function alarmsOf(clock: Clock): Alarms {
  let alarms = known.get(clock);
  if (alarms === undefined) {
    alarms = clock === systemClock ? systemAlarms() : exactAlarms(clock);
    known.set(clock, alarms);
  }
  return alarms;
}
