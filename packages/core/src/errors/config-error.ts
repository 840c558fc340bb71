import { AtomicError } from "./atomic-error.ts";

/** Of a text that was given in the wrong place no more is shown. */
const maxShownChars = 1_000;

/**
 * An error about how something was written: what, where, expected, got. For packages that define agents and take options
 * of their own, so that all mistakes are told in the same words.
 *
 * @example
 * ```ts
 * const error = configError("defineMail", "subject", "a text", 7, "Say what it is about.");
 * console.log(error.message); // => defineMail: subject must be a text, got 7
 * ```
 */
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

function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > maxShownChars ? `${value.slice(0, maxShownChars)}…` : value);
  }
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return `a value of type ${typeof value}`;
}
