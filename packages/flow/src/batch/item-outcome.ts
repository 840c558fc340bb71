import { AtomicError, type ErrorPlace, toAtomicError } from "@atomic-agents/core";

/** What has become of one record of a batch. A `Result` of an agent is one. */
export type ItemOutcome<TOutput> =
  | { readonly ok: true; readonly output: TOutput }
  | { readonly ok: false; readonly error: unknown };

/** The output of one record of a batch. @throws AtomicError that it gave, or that says that it gave neither */
export function outputOf(outcome: unknown, place: ErrorPlace): unknown {
  const { ok, output, error } = partsOf(outcome);
  if (ok === true) return output;
  if (ok === false) throw errorOf(error, place);
  const got = outcome === null ? "null" : `a value of type ${typeof outcome}`;
  throw new AtomicError("VALIDATION_OUTPUT", `Agent "${place.agent}" said nothing of a record's outcome`, {
    ...place,
    details: {
      issues: [{ path: "", message: "expected an outcome", expected: "an object with ok", got }],
    },
    hint: "Give { ok: true, output } or { ok: false, error } for each record.",
  });
}

function partsOf(outcome: unknown): {
  readonly ok?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
} {
  return typeof outcome === "object" && outcome !== null ? outcome : {};
}

/** What an agent says of one record: an error, an object with a message, or a text. */
function errorOf(error: unknown, place: ErrorPlace): AtomicError {
  if (AtomicError.isInstance(error)) return toAtomicError(error, place);
  const said = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  const text = typeof said === "string" && said !== "" ? said : "it did not say why";
  return new AtomicError("EXECUTION", `Agent "${place.agent}" refused a record of a batch: ${text}`, {
    ...place,
    details: { thrown: text },
    cause: error,
    hint: "Correct the record, or what the agent does with such records.",
  });
}
