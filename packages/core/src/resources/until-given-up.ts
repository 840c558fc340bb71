import { cancelledError } from "../run/stage-error.ts";
import type { Scope } from "../run/scope.ts";
import { afterMs } from "../time/deadline.ts";

/** The longest that something is waited for, and what is thrown then. */
export interface Limit {
  readonly timeoutMs: number;
  readonly late: () => Error;
}

/**
 * Waits for a promise as long as somebody waits for the attempt, and within the limit when there is one; meanwhile the
 * run is told to be waiting. What becomes of the promise afterwards is the caller's affair.
 *
 * @throws AtomicError `CANCELLED` when nobody waits for the attempt any more
 */
export function untilGivenUp<TValue>(
  ctx: Scope,
  promise: PromiseLike<TValue>,
  limit?: Limit,
): Promise<TValue> {
  const frame = ctx["~frame"];
  const { root } = frame;
  return new Promise((resolve, reject) => {
    let isWaiting = true;
    const stop = (): void => {
      if (!isWaiting) return;
      isWaiting = false;
      root.waitingCount--;
      ctx.forget(onOver);
      forgetLimit?.();
    };
    const onOver = (): void => {
      stop();
      reject(cancelledError(frame, ctx.ended?.reason));
    };
    root.waitingCount++;
    ctx.whenOver(onOver);
    const forgetLimit =
      limit === undefined
        ? undefined
        : afterMs(ctx.clock, limit.timeoutMs, () => {
            stop();
            reject(limit.late());
          });
    Promise.resolve(promise).then(
      (value) => {
        stop();
        resolve(value);
      },
      (thrown: Error) => {
        stop();
        reject(thrown);
      },
    );
    // What made the promise may have cancelled the run.
    if (ctx.ended !== undefined) onOver();
  });
}
