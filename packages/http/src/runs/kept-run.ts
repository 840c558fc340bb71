import type { Result, Run, RunReport, RunStatus } from "@atomic-agents/core";

/**
 * What a service knows of a run. Of one that has succeeded that is what can be asked for, no more than a third of the run
 * itself: the last thousand of them are moved about whenever memory is tidied up, and requests wait meanwhile. One that has
 * failed is kept as it is, for what it has left behind may still tell what it has spent.
 *
 * A class and no literal: V8 takes literals of which many survive for old ones at once, and what an old one leads to lives
 * on after it.
 */
export class KeptRun {
  readonly id: string;
  /** Whose token began it; undefined where no tokens are needed. */
  readonly owner: string | undefined;
  /** About how large it is. */
  bytes: number;
  /** When it was let go by the work that began it, on the scale of the clock's `now()`; `Infinity` while it goes on. */
  endedAtMs: number = Number.POSITIVE_INFINITY;
  #run: Run<unknown> | undefined;
  #report: RunReport | undefined = undefined;
  #output: unknown = undefined;

  constructor(run: Run<unknown>, owner: string | undefined, bytes: number) {
    this.id = run.id;
    this.owner = owner;
    this.bytes = bytes;
    this.#run = run;
  }

  get status(): RunStatus {
    return this.#run?.status ?? this.report().status;
  }

  get hasEnded(): boolean {
    const { status } = this;
    return status !== "pending" && status !== "running" && status !== "waiting";
  }

  /** The run as it stands. */
  report(): RunReport {
    return this.#report ?? (this.#run as Run<unknown>).report();
  }

  /** What a run has come to that has ended. */
  result(): Promise<Result<unknown>> {
    return this.#run?.result ?? Promise.resolve({ ok: true, output: this.#output });
  }

  /** Nothing happens when the run has ended. */
  cancel(reason: string): void {
    this.#run?.cancel(reason);
  }

  /** Notes what the run has come to. */
  end(result: Result<unknown>): void {
    if (!result.ok || this.#run === undefined) return;
    this.#report = this.#run.report();
    this.#output = result.output;
    this.#run = undefined;
  }
}
