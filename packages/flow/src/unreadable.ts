import { AtomicError } from "@atomic-agents/core";
import { type Place, showPlace } from "./place.ts";

/** An error that says where a source cannot be read any further, and so ends its flow. */
export function unreadable(place: Place, message: string, hint: string): AtomicError<"VALIDATION_INPUT"> {
  return new AtomicError("VALIDATION_INPUT", `${showPlace(place)}: ${message}`, {
    details: { issues: [{ path: "", message, expected: "records", got: "something else" }] },
    hint,
  });
}
