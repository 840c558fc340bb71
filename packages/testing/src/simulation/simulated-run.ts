import type { RunOptions } from "@atomic-agents/core";

/** When a run is cancelled: a number of microtasks after a number of the clock's timers have fired. */
export interface CancelPlan {
  readonly afterTimers: number;
  readonly afterMicrotasks: number;
  /** By the signal that the run was given, rather than by its handle. */
  readonly bySignal: boolean;
}

/** One run of the graph, as it is planned and as it goes. */
export interface SimulatedRun {
  /** Its input, its `userId`, and the beginning of every value in it. */
  readonly tag: string;
  readonly startMs: number;
  readonly cancel: CancelPlan | undefined;
  readonly controller: AbortController;
  readonly options: RunOptions;
  readonly maxRetries: number;
  /** Cancels it here and now; there as soon as it has begun. */
  cancelNow: (() => void) | undefined;
  /** Somebody asked for its end. */
  isCancelled: boolean;
  /** Its outcome was told. */
  isSettled: boolean;
}

/** One call of a leaf whose work can be undone. */
export interface Effect {
  readonly id: number;
  readonly tag: string;
  readonly leaf: string;
  /** Its call had been given up on when it was made. */
  readonly isAbandoned: boolean;
  /** How many timers had fired. */
  readonly turn: number;
  undoneCount: number;
}
