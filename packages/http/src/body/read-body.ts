import { badRequest } from "../problem/bad-request.ts";
import { jsonType } from "../server/answer.ts";
import type { Call } from "../server/call.ts";
import { BodyReader, tooLarge } from "./body-reader.ts";
import { contentTypeProblem } from "./check-content-type.ts";

/**
 * The bytes of a request's body, which must be of JSON by its headers.
 *
 * @throws AtomicError `BAD_REQUEST` with the status 411, 413, 415, 408 or 400; no more of the body is read then
 */
export function readBody(call: Call): Promise<Buffer> {
  const { headers } = call.incoming;
  const problem = contentTypeProblem(call, jsonType);
  if (problem !== undefined) return Promise.reject(problem);
  const { maxBodyBytes } = call.service.options;
  const length = headers["content-length"];
  const expected = length === undefined ? Number.NaN : Number(length);
  if (expected > maxBodyBytes) return Promise.reject(tooLarge(maxBodyBytes));
  if (length === undefined && headers["transfer-encoding"] === undefined) {
    return Promise.reject(badRequest(400, "empty", "The request has no body"));
  }
  acceptBody(call);
  return new BodyReader(call, expected).read();
}

/** Tells a caller that waits to be asked that its body is welcome. To be called before a body is read. */
function acceptBody(call: Call): void {
  const { expect } = call.incoming.headers;
  if (expect !== undefined && expect.toLowerCase() === "100-continue") call.outgoing.writeContinue();
}
