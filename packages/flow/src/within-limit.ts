import { AtomicError, type Clock } from "@atomic-agents/core";

/**
 * What the work gives, or a rejection when it takes too long; what it does then, it goes on doing.
 *
 * @throws AtomicError `TIMEOUT`
 */
export async function withinLimit<TValue>(
  clock: Clock,
  limitMs: number,
  work: () => Promise<TValue>,
  what = "Closing",
): Promise<TValue> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(() => {
      reject(
        new AtomicError("TIMEOUT", `${what} took longer than ${limitMs} ms`, {
          details: { scope: "attempt", timeoutMs: limitMs },
        }),
      );
    }, limitMs);
    work()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
