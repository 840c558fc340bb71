import { AtomicError } from "@atomic-agents/core";

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

/** Checks a count. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > 2_147_483_647) {
    throw configError(what, path, "a whole number from 1 to 2147483647", value);
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
