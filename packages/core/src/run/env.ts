import { defaultLog } from "../log.ts";
import { guardMetrics } from "../telemetry/guard-metrics.ts";
import { MetricsObserver } from "../telemetry/metrics-observer.ts";
import { BothObserver, type Observer } from "../telemetry/observer.ts";
import { TraceObserver } from "../telemetry/trace-observer.ts";
import { type Alarms, alarmsOf } from "../time/alarms.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import { checkRunOptions } from "./check-options.ts";
import { guardClock } from "./guarded-clock.ts";
import type { RunOptions } from "./options.ts";
import { measureSize } from "./measure-size.ts";

/** What a run was given, with defaults filled in. Runs without options share one. */
export interface Env {
  readonly options: RunOptions;
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** The most the whole run may take; `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Whether somebody looks on or measures. */
  readonly isWatched: boolean;
  /** Looks on, for traces and metrics. */
  readonly observer: Observer | undefined;
  /** Measures the values that stages take and give. */
  readonly measures: typeof measureSize | undefined;
}

const defaultMaxRetries = 10;

/** The environment of runs without options. */
export const defaultEnv: Env = {
  options: /* @__PURE__ */ Object.freeze({}),
  clock: systemClock,
  alarms: /* @__PURE__ */ alarmsOf(systemClock),
  timeoutMs: Number.POSITIVE_INFINITY,
  maxRetries: defaultMaxRetries,
  isWatched: false,
  observer: undefined,
  measures: undefined,
};

/** @throws AtomicError `CONFIG` for options that make no sense */
export function envOf(options: RunOptions | undefined): Env {
  if (options === undefined) return defaultEnv;
  checkRunOptions(options);
  const { timeoutMs = Number.POSITIVE_INFINITY, maxRetries = defaultMaxRetries } = options;
  const given = options.clock ?? systemClock;
  const clock = given === systemClock ? systemClock : guardClock(given);
  const observer = observerOf(options);
  const measures = options.measureSizes === true ? measureSize : undefined;
  const isWatched = observer !== undefined || measures !== undefined;
  return { options, clock, alarms: alarmsOf(clock), timeoutMs, maxRetries, isWatched, observer, measures };
}

function observerOf({ tracer, metrics, log = defaultLog() }: RunOptions): Observer | undefined {
  const traces = tracer === undefined ? undefined : new TraceObserver(tracer, log);
  const counts = metrics === undefined ? undefined : new MetricsObserver(guardMetrics(metrics, log));
  // What counts comes last: of the two it is the likelier to cancel the run, and then all was told before.
  return traces === undefined || counts === undefined ? (traces ?? counts) : new BothObserver(traces, counts);
}
