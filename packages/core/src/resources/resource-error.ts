import { AtomicError } from "../errors/atomic-error.ts";
import type { ErrorDetails } from "../errors/details.ts";

type Phase = ErrorDetails["RESOURCE"]["phase"];

const told: Readonly<Record<Phase, string>> = {
  create: "could not be made",
  wait: "was not free in time",
  bind: "could not be bound to the run",
  dispose: "could not be disposed of",
};

/** What went wrong with a resource. */
export function resourceError(
  resource: string,
  phase: Phase,
  why: unknown,
  hint?: string,
): AtomicError<"RESOURCE"> {
  const text = textOf(why);
  return new AtomicError("RESOURCE", `Resource "${resource}" ${told[phase]}: ${text}`, {
    details: { resource, phase },
    cause: why,
    hint,
  });
}

function textOf(why: unknown): string {
  try {
    if (why instanceof Error) return why.message;
  } catch {
    // A value that throws when it is looked at.
  }
  return typeof why === "string" ? why : `threw a value of type ${typeof why}`;
}
