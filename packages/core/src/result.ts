import type { AnyAtomicError, AtomicError, Disposition } from "./errors/atomic-error.ts";

/** A run's outcome as a value. */
export type Result<TOutput> = Success<TOutput> | Failed;

/** A run that gave an output. */
export interface Success<TOutput> {
  readonly ok: true;
  readonly output: TOutput;
}

/** A run that gave none. */
export interface Failed {
  readonly ok: false;
  readonly error: AnyAtomicError;
  /** What the failing stage's `onError` said. */
  readonly disposition: Disposition;
}

/** The failure of a run as a value. */
export function failed(error: AtomicError): Failed {
  // The union of all codes is what an error of any code is.
  return { ok: false, error: error as AnyAtomicError, disposition: error.disposition };
}
