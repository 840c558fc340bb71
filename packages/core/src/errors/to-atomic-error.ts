import { ContractError } from "@atomic-agents/contracts";
import { AtomicError, type ErrorPlace } from "./atomic-error.ts";

/** Text of a thrown value that is safe to put in a message, whatever was thrown. */
function textOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
    if (thrown === undefined) return "nothing (undefined)";
    if (typeof thrown === "string") return thrown;
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return `a value of type ${typeof thrown}`;
  }
}

const maxMessageLength = 1_000;

/**
 * Makes an `AtomicError` of whatever was thrown. An `AtomicError` keeps its code; a place it lacks is filled in.
 * Everything else becomes `EXECUTION` with the thrown value as `cause`.
 */
export function toAtomicError(thrown: unknown, place: ErrorPlace = {}): AtomicError {
  if (AtomicError.isInstance(thrown)) {
    // An error that already ended a run of its own keeps its stage, and takes the ids of the run it now fails.
    return thrown.with({
      agent: thrown.agent ?? place.agent,
      stage: thrown.stage ?? place.stage,
      runId: place.runId ?? thrown.runId,
      requestId: place.requestId ?? thrown.requestId,
      disposition: "stop",
      report: undefined,
    });
  }
  const text = textOf(thrown).slice(0, maxMessageLength);
  const where = place.agent === undefined ? "Execution" : `Agent "${place.agent}"`;
  if (ContractError.isInstance(thrown)) {
    return new AtomicError("CONFIG", `${where}: ${text}`, {
      ...place,
      details: { path: thrown.path ?? "", expected: "a usable schema", got: thrown.code },
      hint: thrown.hint,
      cause: thrown,
    });
  }
  const hint =
    thrown instanceof Error
      ? undefined
      : "Throw an Error instead of another value: it carries a message and a stack.";
  return new AtomicError("EXECUTION", `${where} threw: ${text}`, {
    ...place,
    details: { thrown: text },
    cause: thrown,
    hint,
    retryable: declaredRetryable(thrown),
  });
}

/** Clients of many services mark their errors so. */
function declaredRetryable(thrown: unknown): boolean | undefined {
  if (!(thrown instanceof Error) || !("retryable" in thrown)) return undefined;
  return typeof thrown.retryable === "boolean" ? thrown.retryable : undefined;
}
