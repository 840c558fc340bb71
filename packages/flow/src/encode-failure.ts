import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { withoutStack } from "./without-stack.ts";

/** What is said of a record that a sink cannot write down; what is an `AtomicError` says so itself. */
export function encodeFailure(thrown: unknown, sink: string): AtomicError {
  if (AtomicError.isInstance(thrown)) return toAtomicError(thrown, { stage: sink });
  const text = toAtomicError(thrown).message.replace(/^Execution threw: /, "");
  return withoutStack(
    () =>
      new AtomicError("EXECUTION", `Sink ${JSON.stringify(sink)} cannot write this record: ${text}`, {
        stage: sink,
        details: { thrown: text },
        cause: thrown,
        retryable: false,
        hint: "Make of the record what the sink takes in a map or transform before, or filter such records out.",
      }),
  );
}
