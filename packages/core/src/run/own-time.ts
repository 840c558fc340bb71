import { AtomicError } from "../errors/atomic-error.ts";
import type { StageInfo } from "../middleware.ts";
import { afterMs } from "../time/deadline.ts";
import type { Scope } from "./scope.ts";

/** The most that middlewares around a stage without a deadline may take by themselves, before the stage and after it. */
const ownTimeMs = 120_000;

/**
 * Bounds what middlewares wait for by themselves. The time of the stage inside does not count: every wait in there has
 * a deadline already.
 */
export class OwnTime {
  private isInside = false;
  private forget: (() => void) | undefined = undefined;
  private arm: (() => void) | undefined = undefined;

  /** The stage begins, and goes by its own deadlines. */
  enter(): void {
    this.isInside = true;
    this.forget?.();
  }

  /** The stage is over; the middlewares go on. */
  leave(): void {
    this.isInside = false;
    this.arm?.();
  }

  /** What the middlewares promise, or a rejection with `TIMEOUT` when they take too long by themselves. */
  bound(output: Promise<unknown>, ctx: Scope, stage: StageInfo): Promise<unknown> {
    // A middleware has cancelled the run: nobody waits.
    if (ctx.ended !== undefined) return output;
    return new Promise((resolve, reject) => {
      this.arm = () => {
        this.forget = afterMs(ctx.clock, ownTimeMs, () => reject(lateError(stage)));
      };
      ctx.whenOver(() => {
        this.arm = undefined;
        this.forget?.();
      });
      output.then(resolve, reject);
      if (!this.isInside) this.arm();
    });
  }
}

function lateError(stage: StageInfo): AtomicError<"TIMEOUT"> {
  return new AtomicError(
    "TIMEOUT",
    `Middleware of pipeline "${stage.pipeline}" took longer than ${ownTimeMs} ms by itself around stage "${stage.id}"`,
    {
      details: { scope: "attempt", timeoutMs: ownTimeMs },
      hint: "Give the stage a timeoutMs: it then bounds the stage and its middlewares together.",
    },
  );
}
