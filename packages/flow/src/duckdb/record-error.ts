import { AtomicError } from "@atomic-agents/core";
import { Unfit } from "./to-json.ts";

/** What is wrong with a record that does not fit a table; anything else is thrown as it is. */
export function recordError(thrown: unknown): unknown {
  if (!(thrown instanceof Unfit)) return thrown;
  const { message } = thrown;
  const { stackTraceLimit } = Error;
  // It would show where records are taken, and cost more than all else of it.
  Error.stackTraceLimit = 0;
  try {
    return new AtomicError("VALIDATION_INPUT", message, {
      details: { issues: [{ path: "", message, expected: "a row of the table", got: "something else" }] },
      hint: "Correct the record, or have a schema say of what kind the column is.",
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
