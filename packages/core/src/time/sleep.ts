import type { Context } from "../context.ts";
import { configError } from "../errors/config-error.ts";
import { checkMs } from "../limits.ts";

/**
 * Waits on the run's clock; ends early, by rejecting with the signal's reason, when the run stops waiting.
 *
 * @throws AtomicError `CONFIG` for a negative or endless delay
 * @example
 * ```ts
 * const slow = defineAgent({
 *   name: "slow",
 *   description: "Takes its time.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: async (text, ctx) => {
 *     await sleep(20, ctx);
 *     return text;
 *   },
 * });
 * console.log(await slow.run("hello")); // => hello
 * ```
 */
export function sleep(delayMs: number, ctx: Pick<Context, "clock" | "signal">): Promise<void> {
  checkMs("sleep", "delayMs", delayMs, 0);
  if (typeof ctx !== "object" || ctx === null) throw configError("sleep", "ctx", "the context of a run", ctx);
  const { clock, signal } = ctx;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const timer = clock.setTimer(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
