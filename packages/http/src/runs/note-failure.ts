import type { AtomicError } from "@atomic-agents/core";
import { isShown } from "../problem/problem.ts";
import type { Call } from "../server/call.ts";
import { logFailure } from "../telemetry/log-failure.ts";

/** Notes what a call failed with whose answer is no problem by itself, such as a stream. */
export function noteFailure(call: Call, error: AtomicError): void {
  call.error = error;
  logHidden(call, error);
}

/** Has the log say what the caller is not told of a failure. */
export function logHidden(call: Call, error: AtomicError): void {
  if (!isShown(error) && error.code !== "CANCELLED") logFailure(call, error);
}
