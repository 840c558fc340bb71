/** The last two digits of an id, all of them: to put texts together costs less than to write a number. */
let lastDigits: readonly string[] | undefined;
let radix = 0;

let processPart = "";
let leadingPart = "";
let count = -1;

/**
 * An id that is unique among all runs: 64 random bits of this process, then a count to the base of 36. A random id for
 * each run would cost more than a small pipeline. Whoever sees one can guess the next, so that it need not come from Node's
 * cryptography, which takes 4 ms to load.
 */
export function nextRunId(): string {
  if (lastDigits === undefined) {
    // Where a program has given `Math.random` a seed, time and process still tell ids apart.
    const [seconds, nanoseconds] = process.hrtime();
    processPart = `${randomHex(nanoseconds)}${randomHex(seconds * 65_536 + process.pid)}-`;
    lastDigits = Array.from({ length: 36 * 36 }, (_unused, index) => index.toString(36).padStart(2, "0"));
    radix = lastDigits.length;
    leadingPart = processPart;
  }
  count++;
  const last = count % radix;
  if (last === 0 && count > 0) leadingPart = processPart + (count / radix).toString(36);
  return leadingPart + lastDigits[last];
}

/** 32 random bits, mixed with those of a number. */
function randomHex(mixed: number): string {
  return ((Math.floor(Math.random() * 2 ** 32) ^ mixed) >>> 0).toString(16).padStart(8, "0");
}
