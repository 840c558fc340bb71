import { AtomicError } from "@atomic-agents/core";

/** A request that no agent saw. */
export function badRequest(
  status: number,
  problem: string,
  message: string,
  hint?: string,
): AtomicError<"BAD_REQUEST"> {
  return new AtomicError("BAD_REQUEST", message, { details: { status, problem }, hint, retryable: false });
}
