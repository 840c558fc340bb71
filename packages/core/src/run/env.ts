import { type Alarms, alarmsOf } from "../time/alarms.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import { checkRunOptions } from "./check-options.ts";
import type { RunOptions } from "./options.ts";

/** What a run was given, with defaults filled in. Runs without options share one. */
export interface Env {
  readonly options: RunOptions;
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** The most the whole run may take; `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
}

const defaultMaxRetries = 10;

/** The environment of runs without options. */
export const defaultEnv: Env = {
  options: Object.freeze({}),
  clock: systemClock,
  alarms: alarmsOf(systemClock),
  timeoutMs: Number.POSITIVE_INFINITY,
  maxRetries: defaultMaxRetries,
};

/** @throws AtomicError `CONFIG` for options that make no sense */
export function envOf(options: RunOptions | undefined): Env {
  if (options === undefined) return defaultEnv;
  checkRunOptions(options);
  const {
    clock = systemClock,
    timeoutMs = Number.POSITIVE_INFINITY,
    maxRetries = defaultMaxRetries,
  } = options;
  return { options, clock, alarms: alarmsOf(clock), timeoutMs, maxRetries };
}
