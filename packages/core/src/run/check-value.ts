import type { AnySchema } from "@atomic-agents/contracts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { Scope } from "./scope.ts";
import { validationError, validatorFailure } from "./stage-error.ts";

/**
 * Checks a value outside a stage's own course, and gives what the schema makes of it.
 *
 * @throws AtomicError `VALIDATION_INPUT` or `VALIDATION_OUTPUT`; also when the schema's own check throws
 */
export function checkValue(
  schema: AnySchema,
  value: unknown,
  scope: Scope,
  work: "input" | "output",
): MaybePromise<unknown> {
  const frame = scope["~frame"];
  const accept = (checked: Checked): unknown => {
    if (checked.issues !== undefined) throw validationError(frame, work, value, checked.issues);
    return checked.value;
  };
  let checked: MaybePromise<Checked>;
  try {
    checked = schema["~standard"].validate(value);
  } catch (thrown) {
    throw validatorFailure(frame, work, thrown);
  }
  if (!(checked instanceof Promise)) return accept(checked as Checked);
  return checked.then(accept, (thrown: unknown) => {
    throw validatorFailure(frame, work, thrown);
  });
}

interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string }[] | undefined;
}
