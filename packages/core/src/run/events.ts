import type { AtomicError } from "../errors/atomic-error.ts";
import type { RunStatus } from "./report.ts";

interface EventBase {
  readonly runId: string;
  /** Milliseconds since the run began. */
  readonly atMs: number;
}

interface StageEventBase extends EventBase {
  /** The stage's id; inside a composed agent the ids from outermost to innermost, joined by `/`. */
  readonly stage: string;
  /** The agent's name. */
  readonly agent: string;
}

/** Something that happened in a run. */
export type RunEvent =
  | (EventBase & { readonly type: "run-start"; readonly agent: string })
  | (StageEventBase & { readonly type: "stage-start" })
  | (StageEventBase & { readonly type: "stage-end" })
  | (StageEventBase & { readonly type: "stage-error"; readonly error: AtomicError })
  | (StageEventBase & { readonly type: "stage-cancelled"; readonly error: AtomicError })
  | (StageEventBase & {
      readonly type: "stage-retry";
      readonly error: AtomicError;
      /** Which attempt failed, counted from 1. */
      readonly attempt: number;
      /** How long the run waits before the next. */
      readonly delayMs: number;
    })
  | (StageEventBase & { readonly type: "stage-pass"; readonly error: AtomicError })
  | (StageEventBase & { readonly type: "stage-undo" })
  | (StageEventBase & { readonly type: "stage-undo-error"; readonly error: AtomicError })
  | (EventBase & {
      readonly type: "resource-error";
      /** The name of the resource that could not be disposed of. */
      readonly resource: string;
      readonly error: AtomicError;
    })
  | (StageEventBase & { readonly type: "custom"; readonly name: string; readonly data: unknown })
  | (EventBase & { readonly type: "run-end"; readonly agent: string; readonly status: RunStatus });

/**
 * The events of a run, from its beginning. Each loop over it begins at the first event that is kept and ends with
 * the run; it may be looped over while the run goes on, afterwards, and more than once. A run keeps its last 1,000
 * events; `dropped` counts those that were let go. Looping never throws.
 */
export interface RunEvents extends AsyncIterable<RunEvent> {
  /** The events so far, oldest first. */
  readonly snapshot: () => readonly RunEvent[];
  readonly dropped: number;
}
