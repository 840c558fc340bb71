import { badRequest } from "../problem/bad-request.ts";

/** The limits of JSON that comes from outside. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxNodes: number;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * JSON that may be handed to an agent.
 *
 * @throws AtomicError `BAD_REQUEST`
 */
export function parseJson(bytes: Uint8Array, _limits: JsonLimits): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw badRequest(400, "json", "The body is not JSON");
  }
}
