import { randomUUID } from "node:crypto";
import { Budget } from "../budget.ts";
import { defaultLog, type Log } from "../log.ts";
import { type Alarms, alarmsOf } from "../time/alarms.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import type { RunOptions } from "./options.ts";
import { checkRunOptions } from "./check-options.ts";

const noOptions: RunOptions = Object.freeze({});
const systemAlarms = alarmsOf(systemClock);
const defaultMaxRetries = 10;

/** What all frames of one run share. */
export class Root {
  readonly options: RunOptions;
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** When the run began, on the clock's scale. */
  readonly startMs: number;
  /** When the run has to end; `Infinity` when there is no limit. */
  readonly deadlineMs: number;
  retriesLeft: number;
  #runId: string | undefined;
  #requestId: string | undefined;
  #budget: Budget | undefined;

  constructor(options: RunOptions | undefined) {
    if (options === undefined) {
      this.options = noOptions;
      this.clock = systemClock;
      this.alarms = systemAlarms;
      this.startMs = performance.now();
      this.deadlineMs = Number.POSITIVE_INFINITY;
      this.retriesLeft = defaultMaxRetries;
    } else {
      checkRunOptions(options);
      this.options = options;
      this.clock = options.clock ?? systemClock;
      this.alarms = alarmsOf(this.clock);
      this.startMs = this.clock.now();
      this.deadlineMs = this.startMs + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
      this.retriesLeft = options.maxRetries ?? defaultMaxRetries;
    }
    this.#runId = undefined;
    this.#requestId = undefined;
    this.#budget = undefined;
  }

  get runId(): string {
    this.#runId ??= randomUUID();
    return this.#runId;
  }

  get requestId(): string {
    this.#requestId ??= this.options.requestId ?? randomUUID();
    return this.#requestId;
  }

  get timestamp(): Date {
    // Reckoned back from now, so that a run that nobody asks pays nothing.
    return new Date(this.clock.timestamp() - (this.clock.now() - this.startMs));
  }

  get budget(): Budget {
    if (this.#budget === undefined) {
      const { budget } = this.options;
      this.#budget = budget instanceof Budget ? budget : new Budget(budget);
    }
    return this.#budget;
  }

  get random(): () => number {
    return this.options.random ?? Math.random;
  }

  get log(): Log {
    return this.options.log ?? defaultLog;
  }
}
