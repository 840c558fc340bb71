import { AtomicError, type Context } from "@atomic-agents/core";

/**
 * Waits for something on the run's clock.
 *
 * @param what begins the message of the error
 * @throws AtomicError `TIMEOUT` when it takes longer; the signal's reason when the run stops waiting, where there is one
 */
export async function inTime<T>(
  pending: T | PromiseLike<T>,
  ctx: Pick<Context, "clock"> & { readonly signal?: AbortSignal },
  timeoutMs: number,
  what: string,
): Promise<T> {
  const { clock, signal } = ctx;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal?.reason as Error);
  const timer = clock.setTimer(() => {
    const message = `${what} took longer than ${timeoutMs} ms`;
    reject(new AtomicError("TIMEOUT", message, { details: { scope: "attempt", timeoutMs } }));
  }, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    return await Promise.race([pending, ended]);
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}
