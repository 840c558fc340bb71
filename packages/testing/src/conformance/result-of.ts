import { type AnyAtomicError, AtomicError, type Result, toAtomicError } from "@atomic-agents/core";

/** What was thrown, as the failure that `tryRun` would give. */
export function failed(thrown: unknown): Result<unknown> {
  // The union of all codes is what an error of any code is.
  const error = (AtomicError.isInstance(thrown) ? thrown : toAtomicError(thrown)) as AnyAtomicError;
  return { ok: false, error, disposition: error.disposition };
}
