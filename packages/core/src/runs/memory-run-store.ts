import { configError } from "../errors/config-error.ts";
import { checkCount, checkKeys, checkMs } from "../limits.ts";
import type { Clock } from "../time/clock.ts";
import { systemClock } from "../time/system-clock.ts";
import { compareRunRecords, runQueryOf } from "./run-query.ts";
import type { RunQuery, RunRecord, RunStore } from "./run-store.ts";

/** What a `MemoryRunStore` takes. */
export interface MemoryRunStoreOptions {
  /** How many records it holds; 1,000 unless said otherwise. One more lets go the one that was saved longest ago. */
  readonly maxRuns?: number | undefined;
  /** How long after a run's end its record stays; 7 days unless said otherwise. */
  readonly retentionMs?: number | undefined;
  /** What tells how long ago a run ended: the clock of the runs. The computer's when absent. */
  readonly clock?: Clock | undefined;
}

const defaultMaxRuns = 1_000;
const defaultRetentionMs = 7 * 24 * 60 * 60 * 1_000;

/**
 * Keeps the records of runs in memory, as they were given, for as long as the process lives and within bounds of number
 * and age. It sets no timers: what is too old is let go when the store is next used.
 *
 * @throws AtomicError `CONFIG` for options that make no sense
 * @example
 * ```ts
 * const store = new MemoryRunStore({ maxRuns: 100 });
 * await clean.run({ text: " a " }, { store });
 * for (const { report } of store.list({ limit: 1 })) console.log(report.agent, report.status);
 * // => clean-text success
 * ```
 */
export class MemoryRunStore implements RunStore {
  readonly #maxRuns: number;
  readonly #retentionMs: number;
  readonly #clock: Clock;
  /** By run id, in the order in which they were saved last. */
  readonly #records = new Map<string, RunRecord>();
  /** No record is of a run that ended before. */
  #oldestMs = Number.POSITIVE_INFINITY;

  constructor(options: MemoryRunStoreOptions = {}) {
    const what = "MemoryRunStore";
    checkKeys(what, options, ["maxRuns", "retentionMs", "clock"]);
    const { maxRuns = defaultMaxRuns, retentionMs = defaultRetentionMs, clock = systemClock } = options;
    checkCount(what, "maxRuns", maxRuns);
    checkMs(what, "retentionMs", retentionMs);
    if (typeof clock?.timestamp !== "function") throw configError(what, "clock", "a Clock", clock);
    this.#maxRuns = maxRuns;
    this.#retentionMs = retentionMs;
    this.#clock = clock;
  }

  /** @throws AtomicError `CONFIG` for what is no record */
  save(record: RunRecord): void {
    const { report } = record ?? {};
    if (typeof report?.runId !== "string" || !Array.isArray(record.events)) {
      throw configError("MemoryRunStore.save", "record", "a record with a report and events", record);
    }
    const { runId } = report;
    this.#records.delete(runId);
    this.#records.set(runId, record);
    this.#oldestMs = Math.min(this.#oldestMs, endOf(record));
    this.#letGoOld();
    for (const [first] of this.#records) {
      if (this.#records.size <= this.#maxRuns) break;
      this.#records.delete(first);
    }
  }

  get(runId: string): RunRecord | undefined {
    this.#letGoOld();
    return this.#records.get(runId);
  }

  /** @throws AtomicError `CONFIG` for a query that makes no sense */
  list(query: RunQuery = {}): readonly RunRecord[] {
    const { limit, isWanted } = runQueryOf("MemoryRunStore.list", query);
    this.#letGoOld();
    return [...this.#records.values()].filter(isWanted).sort(compareRunRecords).slice(0, limit);
  }

  delete(runId: string): boolean {
    return this.#records.delete(runId);
  }

  /** Looks at all records only when one of them may be too old. */
  #letGoOld(): void {
    const lastMs = this.#clock.timestamp() - this.#retentionMs;
    if (this.#oldestMs >= lastMs) return;
    this.#oldestMs = Number.POSITIVE_INFINITY;
    for (const [runId, record] of this.#records) {
      const endMs = endOf(record);
      if (endMs < lastMs) this.#records.delete(runId);
      else this.#oldestMs = Math.min(this.#oldestMs, endMs);
    }
  }
}

/** When a run ended, or when it was saved while it went on; milliseconds since 1970. */
function endOf({ report }: RunRecord): number {
  return report.startedAtMs + report.durationMs;
}
