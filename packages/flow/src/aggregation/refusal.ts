import { AtomicError } from "@atomic-agents/core";
import { withoutStack } from "../without-stack.ts";

/** Of a record that has something else at a key than what can be grouped by or calculated with. */
export function refusal(key: string, expected: string, value: unknown): AtomicError<"VALIDATION_INPUT"> {
  const got = typeof value === "number" ? String(value) : Array.isArray(value) ? "an array" : typeof value;
  return refused(`${JSON.stringify(key)} must be ${expected}, got ${got}`, key, expected, got);
}

/** Of what has no keys at all. */
export function noRecord(value: null | undefined): AtomicError<"VALIDATION_INPUT"> {
  return refused(`a record must have keys, got ${value}`, "", "an object", String(value));
}

/** Of a record with a value that cannot be used. @param path the key */
export function refused(
  message: string,
  path: string,
  expected: string,
  got: string,
): AtomicError<"VALIDATION_INPUT"> {
  return withoutStack(
    () =>
      new AtomicError("VALIDATION_INPUT", message, {
        details: { issues: [{ path, message, expected, got }] },
        hint: "Make of it what is expected in a map or transform before, or filter such records out.",
      }),
  );
}
