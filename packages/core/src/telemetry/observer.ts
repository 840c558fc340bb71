import type { AtomicError } from "../errors/atomic-error.ts";
import type { Frame } from "../run/frame.ts";
import type { Step } from "../run/program.ts";
import type { Scope } from "../run/scope.ts";
import type { TraceContext } from "./trace-context.ts";

/**
 * What looks on while a run goes from stage to stage. None of its functions throws. What they call may cancel the run;
 * then `fail` and `end` come while the function is still at work.
 */
export interface Observer {
  /** The frame begins, and with it its first stage. */
  readonly begin: (frame: Frame) => void;
  /** Calls the stage's work. */
  readonly within: (frame: Frame, step: Step, input: unknown, scope: Scope) => unknown;
  /** The stage before `index` has ended, or passed its input on; that at `index` begins, if there is one. */
  readonly next: (frame: Frame) => void;
  /** An attempt has failed, and there will be another one: the frame's `attempt`. */
  readonly retry: (frame: Frame, error: AtomicError) => void;
  /** The attempt after that begins. */
  readonly resume: (frame: Frame) => void;
  /** The stage at `index` has failed for good. */
  readonly fail: (frame: Frame, error: AtomicError) => void;
  /** The outcome is told; the frame may not have begun. */
  readonly end: (frame: Frame) => void;
  /** Where the frame stands in a trace, as far as this one knows. */
  readonly trace: (frame: Frame) => TraceContext | undefined;
}

/** Whether a frame's steps are stages as reports have them; the one step of a composed agent shows by its parts alone. */
export function hasStages({ place, program }: Frame): boolean {
  return place === undefined || (!program.isComposite && !place.isUndo);
}

/** How often the agent of a stage was called. */
export function attemptsOf(frame: Frame, index: number): number {
  return frame.rare?.attempts?.[index] ?? 1;
}

/** Two observers as one; the first one calls the work. */
export class BothObserver implements Observer {
  private readonly first: Observer;
  private readonly second: Observer;

  constructor(first: Observer, second: Observer) {
    this.first = first;
    this.second = second;
  }

  begin(frame: Frame): void {
    this.first.begin(frame);
    this.second.begin(frame);
  }

  within(frame: Frame, step: Step, input: unknown, scope: Scope): unknown {
    return this.first.within(frame, step, input, scope);
  }

  next(frame: Frame): void {
    this.first.next(frame);
    this.second.next(frame);
  }

  retry(frame: Frame, error: AtomicError): void {
    this.first.retry(frame, error);
    this.second.retry(frame, error);
  }

  resume(frame: Frame): void {
    this.first.resume(frame);
    this.second.resume(frame);
  }

  fail(frame: Frame, error: AtomicError): void {
    this.first.fail(frame, error);
    this.second.fail(frame, error);
  }

  end(frame: Frame): void {
    this.first.end(frame);
    this.second.end(frame);
  }

  trace(frame: Frame): TraceContext | undefined {
    return this.first.trace(frame) ?? this.second.trace(frame);
  }
}
