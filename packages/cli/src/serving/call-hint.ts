import { AtomicError, errorCatalog, type ErrorCode } from "@atomic-agents/core";

/** Failures of the agent's or the service's own, of which callers are told little. */
const toldInLog: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "EXECUTION",
  "VALIDATION_OUTPUT",
  "ALL_FAILED",
  "NO_ROUTE",
  "LOOP_LIMIT",
  "MIDDLEWARE",
  "RESOURCE",
  "CONFIG",
]);

/** What to try on a command line when a call of a service failed. */
export function callHint(error: AtomicError): string | undefined {
  const { requestId, cause } = error;
  if (AtomicError.isInstance(error, "TIMEOUT")) {
    const isServices = AtomicError.isInstance(cause, "TIMEOUT") && cause.details.scope === "run";
    return isServices && cause.details.timeoutMs > 0
      ? `It was given ${cause.details.timeoutMs} ms: the least of --timeout and what the service allows.`
      : "Give it more with --timeout.";
  }
  if (error.hint !== errorCatalog[error.code].fix) return error.hint;
  if (AtomicError.isInstance(error, "CONNECTION")) {
    return error.details.executed === "no"
      ? "Nothing was done. Is this the address of the service?"
      : `The work may have been done: look for ${requestId} in the log of the service.`;
  }
  return toldInLog.has(error.code) && requestId !== undefined
    ? `Look for ${requestId} in the log of the service.`
    : error.hint;
}
