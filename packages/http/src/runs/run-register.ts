import type { Clock, Result, Run } from "@atomic-agents/core";
import type { Call } from "../server/call.ts";
import { KeptRun } from "./kept-run.ts";

/** How many runs are kept, and for how long. */
export interface RunRegisterLimits {
  /** How many runs that have ended. */
  readonly maxRuns: number;
  /** How many bytes their answers, errors, events and metadata may have together. */
  readonly maxRunBytes: number;
  /** How long after its end. */
  readonly runRetentionMs: number;
}

/** After how many that were let go, at least, what held them is made anew. */
const fewestLetGo = 1_000;

/**
 * Knows the runs of a service. Those that go on are as many as are let in; of those that have ended the last ones are kept,
 * within bounds of number, size and age. It sets no timers: what is too old is let go when the next run ends or is asked for.
 */
export class RunRegister {
  readonly #limits: RunRegisterLimits;
  readonly #clock: Clock;
  /** A new one now and then: a map that goes on for ever keeps alive what was deleted from it, as `Queue` says of sets. */
  #runs = new Map<string, KeptRun>();
  /** Those that have ended, in that order, from `#first` on: a map would go over all that was deleted from it each time. */
  readonly #ended: (KeptRun | undefined)[] = [];
  #first = 0;
  #bytes = 0;

  constructor(limits: RunRegisterLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** How many runs go on. */
  get liveCount(): number {
    return this.#runs.size - (this.#ended.length - this.#first);
  }

  /** Notes that a call has begun a run. Whoever says so calls `settle` when the run has ended. */
  add(call: Call, run: Run<unknown>): KeptRun {
    const kept = new KeptRun(run, call.principal?.name, call.metadataBytes);
    this.#runs.set(kept.id, kept);
    return kept;
  }

  /**
   * Notes that nobody waits for a run any more, what it has come to where that is known, and how large that is. Only the first
   * call counts.
   */
  settle(kept: KeptRun, bytes: number, result?: Result<unknown>): void {
    if (kept.endedAtMs !== Number.POSITIVE_INFINITY) return;
    if (result !== undefined) kept.end(result);
    kept.bytes += bytes;
    kept.endedAtMs = this.#clock.now();
    this.#ended.push(kept);
    this.#bytes += kept.bytes;
    this.#letGo(kept.endedAtMs);
  }

  /** Cancels all runs that go on. */
  cancelAll(reason: string): void {
    for (const kept of this.#runs.values()) {
      if (kept.endedAtMs === Number.POSITIVE_INFINITY) kept.cancel(reason);
    }
  }

  get(id: string): KeptRun | undefined {
    this.#letGo(this.#clock.now());
    return this.#runs.get(id);
  }

  /** Lets go the runs that ended first, as long as one is too old or there are too many. */
  #letGo(nowMs: number): void {
    const { maxRuns, maxRunBytes, runRetentionMs } = this.#limits;
    const ended = this.#ended;
    for (;;) {
      const oldest = ended[this.#first];
      if (oldest === undefined) break;
      const isOld = nowMs - oldest.endedAtMs >= runRetentionMs;
      if (!isOld && ended.length - this.#first <= maxRuns && this.#bytes <= maxRunBytes) break;
      this.#runs.delete(oldest.id);
      this.#bytes -= oldest.bytes;
      ended[this.#first++] = undefined;
    }
    if (this.#first <= Math.max(maxRuns, fewestLetGo)) return;
    ended.splice(0, this.#first);
    this.#first = 0;
    this.#runs = new Map(this.#runs);
  }
}
