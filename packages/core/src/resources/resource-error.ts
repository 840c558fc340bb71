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
  const text = why instanceof Error ? why.message : typeof why === "string" ? why : `threw a ${typeof why}`;
  return new AtomicError("RESOURCE", `Resource "${resource}" ${told[phase]}: ${text}`, {
    details: { resource, phase },
    cause: why,
    hint,
  });
}
