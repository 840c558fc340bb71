import { AtomicError } from "@atomic-agents/core";

const longestMs = 2_147_483_647;

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
  if (typeof value !== "object" || value === null) throw configError(what, "options", "an object", value);
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw configError(what, key, `one of ${known.join(", ")}`, key, "Is it misspelt?");
  }
}

/** Checks a whole number. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: number | undefined, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least || value > longestMs) {
    throw configError(what, path, `a whole number from ${least} to ${longestMs}`, value);
  }
}

/** Checks a span of time. @throws AtomicError `CONFIG` */
export function checkMs(what: string, path: string, value: number | undefined, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !(value >= least && value <= longestMs)) {
    throw configError(what, path, `a number of milliseconds from ${least} to ${longestMs}`, value);
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
