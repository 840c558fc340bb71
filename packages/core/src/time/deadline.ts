import { alarmsOf, type Sleeper } from "./alarms.ts";
import type { Clock } from "./clock.ts";

/** Calls a function once a span of time has passed, on the clock's wheel; gives what takes it back. */
export function afterMs(clock: Clock, delayMs: number, callback: () => void): () => void {
  const alarms = alarmsOf(clock);
  const sleeper: Sleeper = {
    dueMs: 0,
    wheel: undefined,
    slot: 0,
    before: undefined,
    after: undefined,
    wake: callback,
  };
  const nowMs = clock.now();
  alarms.arm(sleeper, nowMs + delayMs, nowMs);
  return () => alarms.disarm(sleeper);
}

/**
 * The outcome of a promise, or a rejection with what `late` makes when it takes too long. What comes afterwards is
 * handed to `onLate`, so that nothing of it is lost or unhandled.
 */
export function withinMs<TValue>(
  promise: PromiseLike<TValue>,
  clock: Clock,
  timeoutMs: number,
  late: () => Error,
  onLate?: (value: TValue) => void,
): Promise<TValue> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const forget = afterMs(clock, timeoutMs, () => {
      isOver = true;
      reject(late());
    });
    // A thenable of another make may call back twice, or throw.
    Promise.resolve(promise).then(
      (value) => {
        if (isOver) {
          onLate?.(value);
          return;
        }
        forget();
        resolve(value);
      },
      (thrown: Error) => {
        if (isOver) return;
        forget();
        reject(thrown);
      },
    );
  });
}
