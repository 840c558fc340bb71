import type { AtomicError } from "@atomic-agents/core";
import { badRequest } from "../problem/bad-request.ts";
import { shownHeader } from "../problem/shown-header.ts";
import type { Call } from "../server/call.ts";

/** One media type with perhaps a charset that changes nothing. */
const withParameters = /^\s*([\w.+/-]+)\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;

/**
 * Refuses a body of another type, or a compressed one: a page of another origin can send forms and plain text
 * without being asked, and a small compressed body may be a very large one.
 */
export function contentTypeProblem(call: Call, type: string): AtomicError | undefined {
  const { headers } = call.incoming;
  const given = headers["content-type"];
  if (given !== type && withParameters.exec(given ?? "")?.[1]?.toLowerCase() !== type) {
    return badRequest(415, "content-type", `The content type must be ${type}: got ${shownHeader(given)}`);
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    return badRequest(
      415,
      "content-encoding",
      `The body must not be compressed: got ${shownHeader(encoding)}`,
    );
  }
  return undefined;
}
