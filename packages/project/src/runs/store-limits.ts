import { AtomicError, type Clock, createLog, type Log, systemClock } from "@atomic-agents/core";

/** How many runs a store keeps, and for how long. */
export interface RunStoreLimits {
  /** How much the records may take together, in bytes; 256 MiB unless said otherwise. More lets the oldest go. */
  readonly maxBytes?: number | undefined;
  /** How many records it holds; 10,000 unless said otherwise. One more lets the oldest go. */
  readonly maxRuns?: number | undefined;
  /** How long after a run's end its record stays; 7 days unless said otherwise. */
  readonly retentionMs?: number | undefined;
  /** What tells how long ago a run ended: the clock of the runs. The computer's when absent. */
  readonly clock?: Clock | undefined;
  /** Told of records that are damaged; warnings on standard error when absent. */
  readonly log?: Log | undefined;
}

/** Limits with their defaults filled in. */
export type CheckedLimits = { readonly [K in keyof RunStoreLimits]-?: NonNullable<RunStoreLimits[K]> };

/** The names of the limits, for those who check options. */
export const limitKeys: readonly string[] = ["maxBytes", "maxRuns", "retentionMs", "clock", "log"];

export const dayMs = 86_400_000;
const defaultMaxBytes = 268_435_456;
const defaultMaxRuns = 10_000;
const defaultRetentionMs = 7 * dayMs;

/** @throws AtomicError `CONFIG` */
export function checkLimits(what: string, limits: RunStoreLimits): CheckedLimits {
  const {
    maxBytes = defaultMaxBytes,
    maxRuns = defaultMaxRuns,
    retentionMs = defaultRetentionMs,
    clock = systemClock,
    log = createLog(),
  } = limits;
  checkWhole(what, "maxBytes", maxBytes);
  checkWhole(what, "maxRuns", maxRuns);
  if (!Number.isFinite(retentionMs) || retentionMs < 0) {
    throw wrong(what, "retentionMs", "a number of milliseconds from 0", retentionMs);
  }
  if (typeof clock?.timestamp !== "function") throw wrong(what, "clock", "a Clock", clock);
  if (typeof log?.warn !== "function") throw wrong(what, "log", "a Log", log);
  return { maxBytes, maxRuns, retentionMs, clock, log };
}

/** Checks that options are an object without unknown keys. @throws AtomicError `CONFIG` */
export function checkOptions(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw wrong(what, "options", "an object", options);
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw wrong(what, key, `one of ${known.join(", ")}`, key);
  }
}

/** @throws AtomicError `CONFIG` */
export function checkPath(what: string, path: string, value: unknown): void {
  if (typeof value !== "string" || value === "" || value.includes("\0")) {
    throw wrong(what, path, "a path", value);
  }
}

function checkWhole(what: string, path: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw wrong(what, path, "a whole number from 1", value);
}

/** An error about how something was written: what, where, expected, got. */
export function wrong(
  what: string,
  path: string,
  expected: string,
  value: unknown,
  hint?: string,
): AtomicError<"CONFIG"> {
  const isShown = value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
  const got =
    typeof value === "string"
      ? JSON.stringify(value)
      : isShown
        ? String(value)
        : `a value of type ${typeof value}`;
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${got}`, {
    details: { path, expected, got },
    hint,
  });
}
