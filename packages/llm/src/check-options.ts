import { AtomicError } from "@atomic-agents/core";

/** The longest delay that timers take: 2^31 − 1 ms. */
const maxDelayMs = 2_147_483_647;

/** An error about how something was written: what, where, expected, got. */
export function configError(
  what: string,
  path: string,
  expected: string,
  got: unknown,
  hint?: string,
): AtomicError<"CONFIG"> {
  const shown = show(got);
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${shown}`, {
    details: { path, expected, got: shown },
    hint,
  });
}

/** Checks that an object has no keys but those known. @throws AtomicError `CONFIG` */
export function checkKeys(what: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configError(what, "options", "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw configError(what, key, `one of ${known.join(", ")}`, key, "Is it misspelt?");
  }
}

/** Checks a count. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: unknown, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > maxDelayMs) {
    throw configError(what, path, `a whole number from ${least} to ${maxDelayMs}`, value);
  }
}

/** Checks a span of time. @throws AtomicError `CONFIG` */
export function checkMs(what: string, path: string, value: unknown, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !(value >= least && value <= maxDelayMs)) {
    throw configError(what, path, `a number of milliseconds from ${least} to ${maxDelayMs}`, value);
  }
}

/** Checks a text that has to say something. @throws AtomicError `CONFIG` */
export function checkText(what: string, path: string, value: unknown): void {
  if (typeof value !== "string" || value.trim() === "") {
    throw configError(what, path, "a text that is not blank", value);
  }
}

function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  }
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
