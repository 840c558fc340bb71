import { badRequest } from "../problem/bad-request.ts";
import type { Call } from "../server/call.ts";
import type { CallRequest } from "../wire.ts";
import { parseJson } from "./parse-json.ts";

/** @throws AtomicError `BAD_REQUEST` */
export function callRequestOf(call: Call, bytes: Uint8Array): CallRequest {
  const body = parseJson(bytes, call.service.options);
  if (typeof body !== "object" || body === null || !("input" in body)) {
    throw badRequest(400, "shape", 'The body must be an object with "input"');
  }
  return body;
}
