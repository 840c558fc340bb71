import { AtomicError } from "@atomic-agents/core";
import type { ModuleOptions } from "./project.ts";

const defaultTimeoutMs = 10_000;

/**
 * Waits for work of a module's own, no longer than it may take to be imported.
 *
 * @throws AtomicError `CANCELLED` when the signal aborts; an Error when it takes too long
 */
export async function withinLimit<TResult>(
  work: () => Promise<TResult>,
  { timeoutMs = defaultTimeoutMs, signal }: ModuleOptions,
): Promise<TResult> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const interrupt = () =>
    reject(new AtomicError("CANCELLED", "Loading was cancelled", { details: { reason: "interrupted" } }));
  const timer = setTimeout(() => reject(new Error(`it took longer than ${timeoutMs} ms`)), timeoutMs);
  signal?.addEventListener("abort", interrupt, { once: true });
  if (signal?.aborted === true) interrupt();
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}
