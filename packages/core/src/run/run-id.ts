/** The last two digits of an id, all of them: to put texts together costs less than to write a number. */
let lastDigits: readonly string[] | undefined;
let radix = 0;

let processPart = "";
let leadingPart = "";
let count = -1;

/**
 * An id that is unique among all runs: 64 random bits of this process, then a count to the base of 36. A random id for
 * each run would cost more than a small pipeline.
 */
export function nextRunId(): string {
  if (lastDigits === undefined) {
    processPart = `${globalThis.crypto.randomUUID().replaceAll("-", "").slice(0, 16)}-`;
    lastDigits = Array.from({ length: 36 * 36 }, (_unused, index) => index.toString(36).padStart(2, "0"));
    radix = lastDigits.length;
    leadingPart = processPart;
  }
  count++;
  const last = count % radix;
  if (last === 0 && count > 0) leadingPart = processPart + (count / radix).toString(36);
  return leadingPart + lastDigits[last];
}
