import type { AnySchema } from "@atomic-agents/contracts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import type { Scope } from "./scope.ts";
import { stageError, validationError } from "./stage-error.ts";

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
  let checked: unknown;
  try {
    checked = schema["~standard"].validate(value);
  } catch (thrown) {
    throw stageError(frame, thrown, work);
  }
  // What a validator gives, or promises.
  if (!isThenable(checked)) return accept(checked as Checked);
  return (checked as PromiseLike<Checked>).then(accept, (thrown: unknown) => {
    throw stageError(frame, thrown, work);
  });
}

interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string }[] | undefined;
}
