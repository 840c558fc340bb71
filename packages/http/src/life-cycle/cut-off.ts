import { AtomicError } from "@atomic-agents/core";
import type { Call } from "../server/call.ts";

/** Those made here, which may be told as they stand; what an agent's own calls fail with may have the same code. */
const made = new WeakSet<AtomicError>();

/**
 * What a call is answered with that has failed: where the service itself has ended its work because it stops, that, for
 * nobody has cancelled it.
 */
export function asCutOff(call: Call, error: AtomicError): AtomicError {
  if (error.code !== "CANCELLED" || !call.isCutOff) return error;
  const url = `${call.agent?.basePath ?? ""}${call.route?.path ?? ""}`;
  const message =
    "The service is stopping, and has cut off the work before its end; a part of it may be done";
  const cutOff = new AtomicError("CONNECTION", message, {
    agent: error.agent,
    stage: error.stage,
    details: { executed: "perhaps", url },
    hint: "Ask again, this service when it is back or another instance; what must not be done twice needs an Idempotency-Key. Whoever runs the service can have it wait longer for its work: --drain-timeout, or drainTimeoutMs of serve.",
    cause: error,
  });
  made.add(cutOff);
  return cutOff;
}

/** Whether an error says that the service has cut off work of its own. */
export function isCutOff(error: AtomicError): boolean {
  return error.code === "CONNECTION" && made.has(error);
}
