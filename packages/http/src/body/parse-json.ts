import { isUtf8 } from "node:buffer";
import { badRequest } from "../problem/bad-request.ts";
import { faultText, jsonFault } from "./json-fault.ts";

/** The limits of JSON that comes from outside. */
export interface JsonLimits {
  readonly maxDepth: number;
  readonly maxNodes: number;
}

/**
 * JSON that may be handed to an agent: UTF-8 without exception, not too deep, not too many values, and without the
 * names by which code that copies objects carelessly would change what all objects inherit from.
 *
 * Of a name that an object has twice the last one stands; numbers are what JavaScript makes of them, but for those that it
 * takes for infinite: no JSON could say them again.
 *
 * @throws AtomicError `BAD_REQUEST`
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  if (!isUtf8(bytes)) throw badRequest(400, "utf-8", "The body is not UTF-8");
  const text = textOf(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notJson(text);
  }
  if (typeof value === "object" && value !== null) count(value, limits, 1, 1);
  else if (isInfinite(value)) throw tooLargeNumber();
  return value;
}

/** The parser's own message quotes the body. */
function notJson(text: string): Error {
  const fault = jsonFault(text);
  const where = fault === undefined ? "" : `: ${faultText(text, fault)}`;
  return badRequest(400, "json", `The body is not JSON${where}`);
}

function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("utf8");
}

/** Gives how many values there have been so far. Goes no deeper than the limit, so the stack is safe. */
function count(value: object, limits: JsonLimits, depth: number, before: number): number {
  if (depth > limits.maxDepth) {
    throw badRequest(400, "too-deep", `The body is nested deeper than ${limits.maxDepth} levels`);
  }
  let nodes = before;
  if (Array.isArray(value)) {
    nodes += value.length;
    if (nodes > limits.maxNodes) throw tooMany(limits);
    for (const item of value) {
      if (typeof item === "object" && item !== null) nodes = count(item, limits, depth + 1, nodes);
      else if (isInfinite(item)) throw tooLargeNumber();
    }
    return nodes;
  }
  // What JSON gives has own properties only.
  for (const key in value) {
    if (key === "__proto__") throw forbidden("__proto__");
    if (++nodes > limits.maxNodes) throw tooMany(limits);
    const item: unknown = (value as Record<string, unknown>)[key];
    if (typeof item === "object" && item !== null) {
      if (key === "constructor" && Object.hasOwn(item, "prototype")) throw forbidden("constructor.prototype");
      nodes = count(item, limits, depth + 1, nodes);
    } else if (isInfinite(item)) throw tooLargeNumber();
  }
  return nodes;
}

function isInfinite(value: unknown): boolean {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY;
}

function tooLargeNumber(): Error {
  return badRequest(400, "number", "The body has a number that is larger than any number of JavaScript");
}

function tooMany({ maxNodes }: JsonLimits): Error {
  return badRequest(400, "too-many-values", `The body has more than ${maxNodes} values`);
}

function forbidden(name: string): Error {
  return badRequest(400, "forbidden-name", `The body has "${name}", which no object may have`);
}
