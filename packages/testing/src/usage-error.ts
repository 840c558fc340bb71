import { AtomicError } from "@atomic-agents/core";
import { inspect } from "node:util";

/** An error about how something of this package was used: what, where, expected, got. */
export function usageError(
  what: string,
  path: string,
  expected: string,
  got: unknown,
  hint?: string,
): AtomicError<"CONFIG"> {
  return usageErrorOf(what, path, expected, preview(got), hint);
}

/** The same, with what came said in words. */
export function usageErrorOf(
  what: string,
  path: string,
  expected: string,
  shown: string,
  hint?: string,
): AtomicError<"CONFIG"> {
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${shown}`, {
    details: { path, expected, got: shown },
    hint,
  });
}

/** A value on one line, whatever it is. */
export function preview(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  let text: string;
  try {
    text = inspect(value, {
      depth: 2,
      breakLength: Number.POSITIVE_INFINITY,
      maxArrayLength: 5,
      maxStringLength: 80,
    });
  } catch {
    // A value that throws when it is looked at.
    text = `a value of type ${typeof value}`;
  }
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** Checks a span of time. @throws AtomicError `CONFIG` */
export function checkSpanMs(what: string, path: string, value: number): void {
  if (typeof value !== "number" || !(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw usageError(what, path, "a number of milliseconds that is not negative", value);
  }
}
