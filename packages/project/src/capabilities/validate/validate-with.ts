import { type AnySchema, describeIssues, type Issue, type Validated } from "@atomic-agents/contracts";
import { AtomicError, type MaybePromise } from "@atomic-agents/core";
import { coercionOf } from "./coerce.ts";
import { reportKey, type ValidateManner } from "./validate-options.ts";

const maxTold = 3;

/**
 * Makes what holds records against a schema: it answers at once where the schema does.
 *
 * @throws ContractError where records are to be coerced and the schema has no JSON Schema
 */
export function validateWith(
  schema: AnySchema,
  manner: ValidateManner,
): (record: unknown) => MaybePromise<unknown> {
  const name = reportKey(manner);
  const prepare = manner.mode === "coerce" ? coercionOf(schema) : (record: unknown) => record;
  return (record) => {
    if (name !== undefined) requireObject(record, name);
    const prepared = prepare(record);
    const end = (answer: Validated<unknown>): unknown => {
      const issues = answer.issues === undefined ? [] : describeIssues(schema, answer.issues, prepared);
      if (name !== undefined) {
        // As it was where it does not fit: what was made of half of it is of no use to anybody.
        const kept = answer.issues === undefined ? answer.value : record;
        return { ...(kept as object), [name]: issues };
      }
      if (answer.issues !== undefined) throw misfit(issues);
      return answer.value;
    };
    const answer = schema["~standard"].validate(prepared);
    return answer instanceof Promise ? answer.then(end) : end(answer);
  };
}

function requireObject(record: unknown, name: string): void {
  if (typeof record === "object" && record !== null && !Array.isArray(record)) return;
  throw new AtomicError(
    "EXECUTION",
    `The validation failed: only an object can have a key ${JSON.stringify(name)}`,
    {
      details: { thrown: "the record is no object" },
      retryable: false,
      hint: "Leave report out, so that such records fail.",
    },
  );
}

function misfit(issues: readonly Issue[]): AtomicError<"VALIDATION_INPUT"> {
  const told = issues.slice(0, maxTold).map(({ path, message, expected, got }) => {
    const what = expected === undefined ? message : `expected ${expected}, got ${got}`;
    return path === "" ? what : `${path}: ${what}`;
  });
  const more = issues.length > maxTold ? `; and ${issues.length - maxTold} more` : "";
  return new AtomicError(
    "VALIDATION_INPUT",
    `The record does not fit its schema: ${told.join("; ")}${more}`,
    {
      details: { issues },
      retryable: false,
    },
  );
}
