import type { AtomicError } from "../errors/atomic-error.ts";
import { resourceError } from "./resource-error.ts";

/** Somebody asks a set of resources that is closed. */
export function closedError(resource: string, phase: "create" | "wait"): AtomicError<"RESOURCE"> {
  return resourceError(
    resource,
    phase,
    "the set of resources is closed",
    "Close it when its runs have ended.",
  );
}
