import type { Log } from "@atomic-agents/core";
import type { Call } from "../server/call.ts";
import { roundedMs } from "../server/rounded-ms.ts";
import type { CallObserver } from "../server/service.ts";
import { traceOfCall } from "./trace-of-call.ts";

/**
 * Writes a line for each request. It has the route and never the path, for what stands in a path or a query may be
 * nobody's business; no header, and nothing of bodies.
 */
export function accessLog(log: Log): CallObserver {
  return {
    onStart: (call) => {
      call.bytesBefore = call.incoming.socket.bytesWritten;
    },
    onEnd: (call, durationMs) => {
      try {
        log.info("request", fieldsOf(call, durationMs));
      } catch {
        // A log that fails leaves nobody to tell, and the answer is given.
      }
    },
  };
}

function fieldsOf(call: Call, durationMs: number) {
  const { incoming, agent, route, error, principal, runId, status, requestId } = call;
  return {
    // Whoever connected: behind a proxy that is the proxy.
    remote: incoming.socket.remoteAddress,
    method: incoming.method,
    route: route?.path ?? "(none)",
    agent: agent?.name,
    status,
    code: error?.code,
    durationMs: roundedMs(durationMs),
    // Those of the answer's head included.
    bytes: incoming.socket.bytesWritten - call.bytesBefore,
    requestId,
    runId,
    traceId: traceOfCall(call)?.traceId,
    // `token` would not be shown.
    tokenName: principal?.name,
  };
}
