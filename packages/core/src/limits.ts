import { configError } from "./errors/config-error.ts";

/** The longest delay that timers take: 2^31 − 1 ms, some 24.8 days. */
const maxDelayMs = 2_147_483_647;

/**
 * Checks a span of time in milliseconds, not longer than timers take. What is left out passes.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * checkMs("defineMail", "timeoutMs", 1_500);
 * console.log("passed"); // => passed
 * ```
 */
export function checkMs(what: string, path: string, value: unknown, least: 0 | 1 = 1): void {
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

/**
 * Checks a count: a whole number from 1, or from 0 where that is said. What is left out passes.
 *
 * @throws AtomicError `CONFIG`
 * @example
 * ```ts
 * checkCount("defineMail", "copies", 0, 0);
 * console.log("passed"); // => passed
 * ```
 */
export function checkCount(what: string, path: string, value: unknown, least: 0 | 1 = 1): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > maxDelayMs) {
    throw configError(what, path, `a whole number from ${least} to ${maxDelayMs}`, value);
  }
}

/**
 * Checks that options are an object with no keys but those known.
 *
 * @throws AtomicError `CONFIG`, which names a known key that may have been meant
 * @example
 * ```ts
 * checkKeys("defineMail", { subject: "Hello" }, ["subject", "copies"]);
 * console.log("passed"); // => passed
 * ```
 */
export function checkKeys(what: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configError(what, "options", "an object", value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw configError(what, key, `one of ${known.join(", ")}`, key, nearTo(key, known));
  }
}

/** A known key that may have been meant: one that begins alike, or differs in case or by a slip of a finger alone. */
function nearTo(key: string, known: readonly string[]): string {
  const wanted = key.toLowerCase();
  if (wanted === "") return "Is it misspelt?";
  const near =
    known.find((name) => {
      const lower = name.toLowerCase();
      return lower.startsWith(wanted.slice(0, 4)) || wanted.startsWith(lower);
    }) ?? known.find((name) => isSlip(wanted, name.toLowerCase()));
  return near === undefined ? "Is it misspelt?" : `Did you mean ${near}?`;
}

/** Whether two words differ at one place: a letter that is wrong, missing or too many, or two that changed places. */
function isSlip(one: string, other: string): boolean {
  let from = 0;
  while (from < one.length && one[from] === other[from]) from++;
  let behind = 0;
  const most = Math.min(one.length, other.length) - from;
  while (behind < most && one.at(-1 - behind) === other.at(-1 - behind)) behind++;
  const rest = one.slice(from, one.length - behind);
  const otherRest = other.slice(from, other.length - behind);
  if (rest.length <= 1 && otherRest.length <= 1) return one.length > 2;
  return rest.length === 2 && rest === [...otherRest].toReversed().join("");
}
