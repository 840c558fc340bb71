import type { AtomicError } from "../errors/atomic-error.ts";
import type { Frame } from "../run/frame.ts";
import type { Step } from "../run/program.ts";
import type { Scope } from "../run/scope.ts";

/** What looks on while a run goes from stage to stage. None of its functions throws. */
export interface Observer {
  /** The frame begins, and with it its first stage. */
  readonly begin: (frame: Frame) => void;
  /** Calls the stage's work. */
  readonly within: (frame: Frame, step: Step, input: unknown, scope: Scope) => unknown;
  /** The stage at `index` has ended, or passed its input on; the next one begins, if there is one. */
  readonly next: (frame: Frame) => void;
  /** An attempt has failed, and there will be another one. */
  readonly retry: (frame: Frame, error: AtomicError) => void;
  /** The attempt after that begins. */
  readonly resume: (frame: Frame) => void;
  /** The stage at `index` has failed for good. */
  readonly fail: (frame: Frame, error: AtomicError) => void;
  /** The outcome is told; the frame may not have begun. */
  readonly end: (frame: Frame) => void;
}

/** Whether reports show a frame's steps as stages: those of pipelines, and whatever was run by itself. */
export function isStaged(frame: Frame): boolean {
  return frame.place === undefined || frame.program.staged;
}

/** Several observers as one; the first one calls the work. */
export function bothObserve(first: Observer, second: Observer): Observer {
  return {
    begin: (frame) => {
      first.begin(frame);
      second.begin(frame);
    },
    within: first.within,
    next: (frame) => {
      first.next(frame);
      second.next(frame);
    },
    retry: (frame, error) => {
      first.retry(frame, error);
      second.retry(frame, error);
    },
    resume: (frame) => {
      first.resume(frame);
      second.resume(frame);
    },
    fail: (frame, error) => {
      first.fail(frame, error);
      second.fail(frame, error);
    },
    end: (frame) => {
      first.end(frame);
      second.end(frame);
    },
  };
}
