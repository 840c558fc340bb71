import { cancelledError } from "../run/stage-error.ts";
import type { Scope } from "../run/scope.ts";

/** Waits for a promise as long as somebody waits for the attempt; meanwhile the run is told to be waiting. */
export function untilGivenUp<TValue>(ctx: Scope, promise: PromiseLike<TValue>): Promise<TValue> {
  const { root } = ctx["~frame"];
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      root.waitingCount--;
      ctx.forget(onGivenUp);
    };
    const onGivenUp = (): void => {
      root.waitingCount--;
      reject(cancelledError(ctx["~frame"], ctx.ended?.reason));
    };
    root.waitingCount++;
    ctx.whenOver(onGivenUp);
    let isOver = false;
    promise.then(
      (value) => {
        if (!isOver && ctx.ended === undefined) leave();
        isOver = true;
        resolve(value);
      },
      (thrown: unknown) => {
        if (!isOver && ctx.ended === undefined) leave();
        isOver = true;
        reject(thrown as Error);
      },
    );
  });
}
