import { AtomicError, toAtomicError } from "@atomic-agents/core";

/**
 * The error itself when it is one of the framework's, as that of a run is: with its place, its report and no cause but its
 * own. `toAtomicError` would make it the cause of another one.
 */
export function asError(thrown: unknown): AtomicError {
  return AtomicError.isInstance(thrown) ? thrown : toAtomicError(thrown);
}
