let processPart: string | undefined;
let count = 0;

/**
 * An id that is unique among all runs: 64 random bits of this process, then a count. A random id for each run would
 * cost more than a small pipeline.
 */
export function nextRunId(): string {
  processPart ??= `${globalThis.crypto.randomUUID().replaceAll("-", "").slice(0, 16)}-`;
  count++;
  return processPart + count;
}
