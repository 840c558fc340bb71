import type { IncomingMessage } from "node:http";
import type { AtomicError } from "@atomic-agents/core";
import { badRequest } from "../problem/bad-request.ts";

const maxHeaders = 100;

/**
 * Refuses heads that Node.js lets pass, but that two programs could read differently: then one of them sees another
 * request than the other has checked.
 */
export function headProblem({
  url,
  headers,
  rawHeaders,
  httpVersionMajor,
  httpVersionMinor,
}: IncomingMessage): AtomicError | undefined {
  if (httpVersionMajor !== 1)
    return badRequest(400, "version", "The request must be of HTTP/1.1 or HTTP/1.0");
  if (url === undefined || url.charCodeAt(0) !== 47) {
    return badRequest(400, "target", "The request's target must be a path");
  }
  if (rawHeaders.length > 2 * maxHeaders) {
    return badRequest(431, "too-many-headers", `The request has more than ${maxHeaders} headers`);
  }
  let hosts = 0;
  let tokens = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++;
    else if (name?.length === 13 && name.toLowerCase() === "authorization") tokens++;
  }
  if (hosts > 1 || (hosts === 0 && httpVersionMinor > 0)) {
    return badRequest(400, "host", "The request must have one Host header");
  }
  // Node.js takes the first one; who has let the request through may have checked the last.
  if (tokens > 1) return badRequest(400, "token", "The request may have one Authorization header");
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return badRequest(400, "transfer-encoding", "The only transfer coding that is taken is chunked");
  }
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== "100-continue") {
    return badRequest(417, "expect", "The only expectation that is met is 100-continue");
  }
  return undefined;
}
