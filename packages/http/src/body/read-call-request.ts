import { badRequest } from "../problem/bad-request.ts";
import type { Call } from "../server/call.ts";
import { isRequestId } from "../is-request-id.ts";
import type { CallContext, CallRequest } from "../wire.ts";
import { parseJson } from "./parse-json.ts";

const ids = ["requestId", "userId", "sessionId"] as const;

/**
 * What a caller asks for, of the bytes of a body. A request id in it becomes that of the call.
 *
 * @throws AtomicError `BAD_REQUEST`
 */
export function callRequestOf(call: Call, bytes: Buffer): CallRequest {
  const body = parseJson(bytes, call.service.options);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw wrong("The body must be an object");
  if (!("input" in body)) throw wrong('The body must have "input", which is what the agent takes');
  for (const key in body) {
    if (key !== "input" && key !== "context") throw wrong('The body may have "input" and "context" only');
  }
  if ("context" in body) {
    checkContext(call, body.context);
    if (body.context.metadata !== undefined) call.metadataBytes = bytes.length;
  }
  return body;
}

function checkContext(call: Call, context: unknown): asserts context is CallContext {
  if (typeof context !== "object" || context === null || Array.isArray(context)) {
    throw wrong('"context" must be an object');
  }
  for (const [key, value] of Object.entries(context)) {
    if (key === "metadata") {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw wrong('"context.metadata" must be an object');
      }
    } else if (!(ids as readonly string[]).includes(key)) {
      throw wrong('"context" may have "requestId", "userId", "sessionId" and "metadata" only');
    } else if (typeof value !== "string" || value.length > 1_000) {
      throw wrong(`"context.${key}" must be a text of at most 1,000 characters`);
    }
  }
  if ("requestId" in context) {
    if (!isRequestId(context.requestId)) {
      throw wrong('"context.requestId" must be 1 to 128 letters, digits and any of . : ~ + / = @ _ -');
    }
    call.requestId = context.requestId;
  }
}

function wrong(message: string): Error {
  return badRequest(400, "shape", message);
}
