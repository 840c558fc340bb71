import { AtomicError } from "@atomic-agents/core";
import { withoutStack } from "../without-stack.ts";
import { Unfit } from "./to-json.ts";

/** What is wrong with a record that does not fit a table; anything else is thrown as it is. */
export function recordError(thrown: unknown): unknown {
  if (!(thrown instanceof Unfit)) return thrown;
  const { message } = thrown;
  return withoutStack(
    () =>
      new AtomicError("VALIDATION_INPUT", message, {
        details: { issues: [{ path: "", message, expected: "a row of the table", got: "something else" }] },
        hint: "Correct the record, or have a schema say of what kind the column is.",
      }),
  );
}
