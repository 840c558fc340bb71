import { configError } from "./errors/config-error.ts";

/** The longest delay that timers take: 2^31 − 1 ms, some 24.8 days. */
const maxDelayMs = 2_147_483_647;

/** Checks a span of time. @throws AtomicError `CONFIG` */
export function checkMs(what: string, path: string, value: number | undefined, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !(value >= least && value <= maxDelayMs)) {
    throw configError(
      what,
      path,
      `a number of milliseconds from ${least} to ${maxDelayMs}`,
      value,
      "Write milliseconds as a number; what has a default may be left out.",
    );
  }
}

/** Checks a count. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: number | undefined, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least || value > maxDelayMs) {
    throw configError(what, path, `a whole number from ${least} to ${maxDelayMs}`, value);
  }
}

/** Checks that an object has no keys but those known. @throws AtomicError `CONFIG` */
export function checkKeys(what: string, value: object, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configError(what, "options", "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw configError(what, key, `one of ${known.join(", ")}`, key, nearTo(key, known));
  }
}

/** A known key that may have been meant: one that begins alike, or differs in case alone. */
function nearTo(key: string, known: readonly string[]): string {
  const wanted = key.toLowerCase();
  const near = known.find((name) => {
    const lower = name.toLowerCase();
    return lower.startsWith(wanted.slice(0, 4)) || wanted.startsWith(lower);
  });
  return near === undefined ? "Is it misspelt?" : `Did you mean ${near}?`;
}
