import { AtomicError } from "@atomic-agents/core";
import { asError } from "../problem/as-error.ts";
import type { Call } from "../server/call.ts";
import { header } from "../wire.ts";

/**
 * Writes to the log what a failed request is not told. Of a value that breaks a contract it says where it does and what
 * was expected; the error itself quotes the value.
 */
export function logFailure(call: Call, thrown: unknown): void {
  if (isCallersDeadline(call, thrown)) tellDeadline(call);
  else tell(call, "request failed", thrown);
}

/** Whether the caller itself has said that it would not wait for longer: that is no failure of the service. */
function isCallersDeadline(call: Call, thrown: unknown): boolean {
  if (!AtomicError.isInstance(thrown, "TIMEOUT") || thrown.details.scope !== "run") return false;
  return call.header(header.timeout) === String(thrown.details.timeoutMs);
}

function tellDeadline({ service, requestId, runId, agent }: Call): void {
  try {
    service.log.info("a caller's time was over", { requestId, runId, agent: agent?.name });
  } catch {
    // As for `tell`.
  }
}

/** Writes to the log what an output does not say of an error that it holds. */
export function logHeldError(call: Call, error: AtomicError): void {
  tell(call, "output holds an error", error);
}

function tell({ service, requestId, runId, agent }: Call, what: string, thrown: unknown): void {
  try {
    const error = asError(thrown);
    service.log.error(what, { requestId, runId, agent: agent?.name, error: shownOf(error, 0) });
  } catch {
    // A log that fails leaves nobody to tell, and the request has to be answered.
  }
}

/** How far errors within errors are looked at. */
const maxDepth = 8;

/** An error as the log may show it: the very same, unless it quotes a value, or what it was caused by does. */
function shownOf(error: unknown, depth: number): unknown {
  if (AtomicError.isInstance(error, "VALIDATION_INPUT", "VALIDATION_OUTPUT")) {
    const { code, agent, stage, details } = error;
    return { code, agent, stage, issues: details.issues.map(({ path, expected }) => ({ path, expected })) };
  }
  if (!quotes(error, 0)) return error;
  if (depth >= maxDepth || !(error instanceof Error)) return "[not shown: it quotes a value]";
  if (AtomicError.isInstance(error, "ALL_FAILED")) {
    // Its text and its details are made of the texts of what it was caused by.
    const { code, agent, stage, cause } = error;
    return { code, agent, stage, failures: errorsOf(cause).map((one) => shownOf(one, depth + 1)) };
  }
  const { name, message, stack, cause } = error;
  const parts = AtomicError.isInstance(error) ? error.toJSON() : { name, message };
  const errors = errorsOf(error).map((one) => shownOf(one, depth + 1));
  return { ...parts, stack, cause: shownOf(cause, depth + 1), ...(errors.length > 0 && { errors }) };
}

/** Whether an error, or one that it was caused by, says what value broke a contract. */
function quotes(error: unknown, depth: number): boolean {
  if (AtomicError.isInstance(error, "VALIDATION_INPUT", "VALIDATION_OUTPUT")) return true;
  if (!(error instanceof Error)) return false;
  if (depth >= maxDepth) return true;
  return quotes(error.cause, depth + 1) || errorsOf(error).some((one) => quotes(one, depth + 1));
}

function errorsOf(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? error.errors : [];
}
