import { parseTraceContext, type TraceContext } from "@atomic-agents/core";
import type { Call } from "../server/call.ts";

/** Where the caller stands in a trace; undefined when it does not say, or not in the form of W3C Trace Context. */
export function traceOfCall(call: Call): TraceContext | undefined {
  const { traceparent } = call.incoming.headers;
  if (traceparent === undefined) return undefined;
  return parseTraceContext(textOf(traceparent), call.header("tracestate"));
}

/** Of two there is none: Node.js joins them with a comma, which no form has. */
function textOf(header: string | readonly string[]): string {
  return typeof header === "string" ? header : header.join(",");
}
