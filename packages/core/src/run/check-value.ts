import type { Validator } from "@atomic-agents/contracts";
import { isThenable, type MaybePromise } from "../maybe-promise.ts";
import type { Scope } from "./scope.ts";
import { stageError, validationError } from "./stage-error.ts";

/**
 * Checks a value outside a stage's own course, and gives what the schema makes of it.
 *
 * @throws AtomicError `VALIDATION_INPUT` or `VALIDATION_OUTPUT`; also when the schema's own check throws
 */
export function checkValue(
  validator: Validator,
  value: unknown,
  scope: Scope,
  work: "input" | "output",
): MaybePromise<unknown> {
  let checked: unknown;
  try {
    checked = validator.validate(value);
  } catch (thrown) {
    throw stageError(scope["~frame"], thrown, work);
  }
  // What a validator gives, or promises.
  if (!isThenable(checked)) return accepted(checked as Checked, value, scope, work);
  // A thenable of any make: its own `then` may give nothing back, or call back twice.
  return Promise.resolve(checked as PromiseLike<Checked>).then(
    (late) => accepted(late, value, scope, work),
    (thrown: unknown) => {
      throw stageError(scope["~frame"], thrown, work);
    },
  );
}

function accepted(checked: Checked, value: unknown, scope: Scope, work: "input" | "output"): unknown {
  try {
    if (checked.issues !== undefined) throw validationError(scope["~frame"], work, value, checked.issues);
    return checked.value;
  } catch (thrown) {
    // What a validator gives may be no result at all.
    throw stageError(scope["~frame"], thrown, work);
  }
}

interface Checked {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string }[] | undefined;
}
