import { configError } from "../config-error.ts";

/** A hundred years. */
const maxSpanMs = 3_155_760_000_000;

/** Checks a span of the time of records, which may be longer than timers can wait. @throws AtomicError `CONFIG` */
export function checkSpan(what: string, path: string, value: number, least: 0 | 1): void {
  if (!Number.isInteger(value) || value < least || value > maxSpanMs) {
    throw configError(what, path, `a whole number of milliseconds from ${least} to ${maxSpanMs}`, value);
  }
}
