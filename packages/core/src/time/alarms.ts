import type { Clock, Timer } from "./clock.ts";
import { systemClock } from "./system-clock.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** Something that can be woken once at a moment. It carries its own place in the wheel, so arming allocates nothing. */
export interface Sleeper {
  /** When to wake, on the clock's scale; undefined until it was armed. */
  dueMs: number | undefined;
  /** Where the wheel keeps it; not armed when undefined. */
  wheel: TimerWheel | undefined;
  slot: number;
  before: Sleeper | undefined;
  after: Sleeper | undefined;
  readonly wake: () => void;
  /**
   * Says when to wake, `Infinity` for never: asked of one that was armed without saying it, a tick of the coarse wheel later at most.
   * What it waited for began at `nowMs` or before.
   */
  readonly dueFrom?: (nowMs: number) => number;
}

/** Wakes sleepers; one waits for at most one moment at a time. */
export interface Alarms {
  /** Wakes the sleeper at `dueMs`, never before; replaces what it waited for. */
  readonly arm: (sleeper: Sleeper, dueMs: number, nowMs: number) => void;
  readonly disarm: (sleeper: Sleeper) => void;
  /**
   * Where a sleeper that has `coarseFromMs` or more to go can be put without saying when it wakes: what is armed often and nearly
   * always disarmed at once need not work that out. Not every clock has it.
   */
  readonly coarse: TimerWheel | undefined;
}

/** Delays from here on use the coarse wheel. */
export const coarseFromMs = 1_000;

/** Two wheels serve the whole process: 4 ms ticks for short waits, 64 ms ticks for those of a second or more. */
function systemAlarms(): Alarms {
  const fine = new TimerWheel(systemClock, 4);
  const coarse = new TimerWheel(systemClock, 64);
  return {
    arm: (sleeper, dueMs, nowMs) => {
      const wheel = dueMs - nowMs < coarseFromMs ? fine : coarse;
      if (sleeper.wheel !== undefined) {
        sleeper.wheel.remove(sleeper);
      }
      wheel.insert(sleeper, dueMs, nowMs);
    },
    disarm: (sleeper) => {
      if (sleeper.wheel !== undefined) sleeper.wheel.remove(sleeper);
    },
    coarse,
  };
}

/** Any other clock is asked for one exact timer a wait. */
function exactAlarms(clock: Clock): Alarms {
  const timers = new Map<Sleeper, Timer>();
  const disarm = (sleeper: Sleeper) => {
    timers.get(sleeper)?.cancel();
    timers.delete(sleeper);
  };
  return {
    arm: (sleeper, dueMs) => {
      disarm(sleeper);
      sleeper.dueMs = dueMs;
      const timer = clock.setTimer(
        () => {
          timers.delete(sleeper);
          sleeper.wake();
        },
        Math.max(0, dueMs - clock.now()),
      );
      timers.set(sleeper, timer);
    },
    disarm,
    coarse: undefined,
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
