import { type AnySchema, validatorOf } from "@atomic-agents/contracts";
import { AtomicError, toAtomicError } from "@atomic-agents/core";
import { isThenable } from "./is-thenable.ts";

/** What a validator gives. */
interface Checked {
  readonly issues?: readonly { readonly message: string }[];
  readonly value?: unknown;
}

/** Said by a schema that says what it thinks of a record only later. */
export const later: unique symbol = Symbol("later");

/** What a source's schema says of a record, or why it says nothing, as a text. */
export function saidOf(schema: AnySchema, value: unknown): Checked | string | typeof later {
  let checked: unknown;
  try {
    checked = validatorOf(schema).validate(value);
  } catch (thrown) {
    return `the source's schema threw: ${toAtomicError(thrown).message}`;
  }
  if (isThenable(checked)) {
    checked.then(undefined, () => {});
    return later;
  }
  return checked as Checked;
}

/** Why a flow cannot go on that has such a schema. */
export function asynchronousSchema(source: string): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `Source "${source}": its schema checks asynchronously`, {
    details: { path: "schema", expected: "a schema that answers at once", got: "a promise" },
    hint: "Leave the schema out; the first agent checks its input itself.",
  });
}
