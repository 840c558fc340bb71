import { AtomicError } from "@atomic-agents/core";
import { closest } from "../closest.ts";

/** Checks that options are an object with known keys. @throws AtomicError `CONFIG` */
export function checkKeys(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw optionError(what, "options", "an object", options);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw wordError(what, key, known, key);
  }
}

/** An error about a word that is none of those that are known. */
export function wordError(
  what: string,
  path: string,
  known: readonly string[],
  got: unknown,
): AtomicError<"CONFIG"> {
  const near = typeof got === "string" ? closest(got, known) : undefined;
  const hint = near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
  return optionError(what, path, `one of ${known.join(", ")}`, got, hint);
}

/** An error about how something was written: what, where, expected, got. */
export function optionError(
  what: string,
  path: string,
  expected: string,
  got: unknown,
  hint?: string,
): AtomicError<"CONFIG"> {
  const shown = shownOf(got);
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${shown}`, {
    details: { path, expected, got: shown },
    hint,
  });
}

/** How a value stands in a message. */
export function shownOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || ["undefined", "number", "boolean"].includes(typeof value)) return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
