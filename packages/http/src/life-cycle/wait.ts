import type { Clock } from "@atomic-agents/core";

/** Waits for work, but no longer than so; says whether it was over in time. What it throws does not count. */
export function within(work: PromiseLike<unknown>, clock: Clock, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => resolve(false), limitMs);
    const over = (): void => {
      timer.cancel();
      resolve(true);
    };
    work.then(over, over);
  });
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(resolve, ms));
}
