import { AtomicError, toAtomicError } from "@atomic-agents/core";
import type { Call } from "../server/call.ts";

/**
 * Writes to the log what a failed request is not told. Of a value that breaks a contract it says where it does and what
 * was expected; the error itself quotes the value.
 */
export function logFailure({ service, requestId, runId, agent }: Call, thrown: unknown): void {
  try {
    const error = toAtomicError(thrown);
    service.log.error("request failed", { requestId, runId, agent: agent?.name, error: shownOf(error) });
  } catch {
    // A log that fails leaves nobody to tell, and the request has to be answered.
  }
}

function shownOf(error: AtomicError): unknown {
  if (!AtomicError.isInstance(error, "VALIDATION_INPUT", "VALIDATION_OUTPUT")) return error;
  const { code, agent, stage, details } = error;
  return { code, agent, stage, issues: details.issues.map(({ path, expected }) => ({ path, expected })) };
}
