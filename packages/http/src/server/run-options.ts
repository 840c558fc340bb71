import type { RunOptions } from "@atomic-agents/core";
import type { CallContext } from "../wire.ts";
import type { Call } from "./call.ts";

/**
 * How a call's run is run: within the service's limits, which what the caller asks for can only lower.
 *
 * @throws AtomicError `BAD_REQUEST` for headers that make no sense
 */
export function runOptionsOf(call: Call, context: CallContext = {}): RunOptions {
  const { options, log, clock } = call.service;
  return {
    timeoutMs: options.timeoutMs,
    requestId: context.requestId ?? call.requestId,
    userId: context.userId,
    sessionId: context.sessionId,
    metadata: context.metadata,
    log,
    clock,
    resources: options.resources,
  };
}
