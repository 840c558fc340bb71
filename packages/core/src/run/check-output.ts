import type { AnySchema } from "@atomic-agents/contracts";
import type { Scope } from "./scope.ts";
import { validationError } from "./stage-error.ts";

/** Checks a value that stands in for an agent's output. @throws AtomicError `VALIDATION_OUTPUT` */
export function checkOutput(schema: AnySchema, value: unknown, ctx: Scope): unknown {
  const checked = schema["~standard"].validate(value);
  const after = (result: Awaited<typeof checked>): unknown => {
    if (result.issues === undefined) return result.value;
    throw validationError(ctx["~frame"], "output", value, result.issues);
  };
  return checked instanceof Promise ? checked.then(after) : after(checked);
}
