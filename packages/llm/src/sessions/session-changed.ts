import { AtomicError } from "@atomic-agents/core";

/** What a store throws for a conversation that somebody else has changed meanwhile. Trying the run again may help. */
export function sessionChanged(expected: number, found: number | undefined): AtomicError<"EXECUTION"> {
  const now = found === undefined ? "is not there any more" : `is at revision ${found}`;
  const message = `The session was changed while it was worked on: it began with revision ${expected} and ${now}`;
  return new AtomicError("EXECUTION", message, {
    details: { thrown: message },
    retryable: true,
    hint: "Another process works on the same session: send the messages of one session to one process, or try again.",
  });
}
