import { AtomicError } from "@atomic-agents/core";

/** Checks a number. @throws AtomicError `CONFIG` */
export function checkNumber(what: string, path: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw wrong(what, path, `a number from ${least} to ${most}`, value);
}

/** Checks a count. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw wrong(what, path, `a whole number from ${least} to ${most}`, value);
  }
}

function wrong(what: string, path: string, expected: string, value: number): AtomicError<"CONFIG"> {
  const got = String(value);
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${got}`, {
    details: { path, expected, got },
    hint: "Leave it out for the default.",
  });
}
