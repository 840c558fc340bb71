import { checkCount, checkKeys, configError } from "../config-error.ts";
import type { FunctionOptions } from "../function-options.ts";

/** When a batch is full: whichever comes first. At least one has to be said. */
export interface BatchLimits {
  /** How many records it holds at most; 1,000. */
  readonly size?: number | undefined;
  /** How long its records are at most, together, as UTF-8 JSON; without it they are not measured. */
  readonly maxBytes?: number | undefined;
  /** How long its first record waits at most for others; without it until the batch is full or no more records come. */
  readonly maxWaitMs?: number | undefined;
}

/** How records are put into batches. */
export interface BatchOptions extends BatchLimits, FunctionOptions {}

/** Limits with their defaults filled in. */
export interface CheckedLimits {
  readonly size: number;
  readonly maxBytes: number | undefined;
  readonly maxWaitMs: number | undefined;
}

export const limitKeys = ["size", "maxBytes", "maxWaitMs"] as const;

const defaultSize = 1_000;

/** @throws AtomicError `CONFIG` */
export function checkLimits(what: string, limits: BatchLimits): CheckedLimits {
  const { size, maxBytes, maxWaitMs } = limits;
  if (limitKeys.every((key) => limits[key] === undefined)) {
    throw configError(what, "options", `an object with ${limitKeys.join(", ")}`, limits, "Say at least one.");
  }
  for (const key of limitKeys) {
    const limit = limits[key];
    if (limit !== undefined) checkCount(what, key, limit);
  }
  return { size: size ?? defaultSize, maxBytes, maxWaitMs };
}

/** The limits that a number or an object says. @throws AtomicError `CONFIG` */
export function limitsOf(what: string, given: number | BatchOptions): CheckedLimits {
  if (typeof given === "number") return checkLimits(what, { size: given });
  checkKeys(what, given, [...limitKeys, "id", "onError"]);
  return checkLimits(what, given);
}

/** What of limits decides what is in a batch, besides time: a number where it is the size alone. */
export function designOfLimits({ size, maxBytes }: CheckedLimits): unknown {
  return maxBytes === undefined ? size : { size, maxBytes };
}
