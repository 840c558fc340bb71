import { AtomicError } from "./atomic-error.ts";

/** An error about how something was written: what, where, expected, got. */
export function configError(
  what: string,
  path: string,
  expected: string,
  got: unknown,
  hint?: string,
): AtomicError<"CONFIG"> {
  const shown = typeof got === "string" ? JSON.stringify(got) : show(got);
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${shown}`, {
    details: { path, expected, got: shown },
    hint,
  });
}

function show(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
