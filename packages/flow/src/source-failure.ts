import { AtomicError, toAtomicError } from "@atomic-agents/core";

/** An error that tells which source could give no more, and after how much. What is an `AtomicError` says so itself. */
export function sourceFailure(thrown: unknown, name: string, read: number): AtomicError {
  const error = toAtomicError(thrown, { stage: name });
  if (AtomicError.isInstance(thrown)) return error;
  const after = read === 0 ? "" : read === 1 ? " after 1 record" : ` after ${read} records`;
  const text = toAtomicError(thrown).message.replace(/^Execution threw: /, "");
  return new AtomicError("EXECUTION", `Source ${JSON.stringify(name)} threw${after}: ${text}`, {
    stage: name,
    details: { thrown: text },
    cause: thrown,
    retryable: error.retryable,
  });
}
