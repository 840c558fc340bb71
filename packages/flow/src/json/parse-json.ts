import { jsonFault } from "./json-fault.ts";

/** Deeper values are refused: whatever walks them by recursion would overflow its stack. */
export const maxDepth = 500;

/** Why a text is no record. */
export class JsonProblem {
  readonly message: string;
  /** The index of the character where it is wrong, where that is known. */
  readonly at: number | undefined;
  /** Whether the text ends before the value does. */
  readonly isCut: boolean;

  constructor(message: string, at: number | undefined, isCut = false) {
    this.message = message;
    this.at = at;
    this.isCut = isCut;
  }
}

/** Whether a text may hold the key `__proto__`, also when it is written with escapes. */
export function mayHoldProto(text: string): boolean {
  return text.includes("__proto__") || text.includes("\\u005f") || text.includes("\\u005F");
}

/**
 * The value of a text of JSON, or a `JsonProblem`. Of a key that stands twice the last value counts, as in `JSON.parse`;
 * the key `__proto__` is refused, because a copy of such an object has another prototype.
 */
export function parseJson(text: string, mayBeProto: boolean): unknown {
  // A value nests at most half as deep as its text is long.
  if (text.length > maxDepth * 2) {
    const tooDeepAt = depthFault(text);
    if (tooDeepAt !== undefined) return new JsonProblem(`nests deeper than ${maxDepth}`, tooDeepAt);
  }
  try {
    // `JSON.parse` gives anything.
    return mayBeProto ? JSON.parse(text, refuseProto) : (JSON.parse(text) as unknown);
  } catch (thrown) {
    if (thrown instanceof ProtoKey) return new JsonProblem('has the key "__proto__"', undefined);
    const at = jsonFault(text) ?? text.length;
    return at < text.length
      ? new JsonProblem(`not JSON: unexpected ${JSON.stringify(text[at])}`, at)
      : new JsonProblem("not JSON: ends too early", at, true);
  }
}

class ProtoKey extends Error {}

function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new ProtoKey();
  return value;
}

/** The index at which a text nests too deep, strings left aside. */
function depthFault(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      // To the end of the string: a quote after an even number of backslashes.
      for (at++; at < text.length; at++) {
        const inside = text.charCodeAt(at);
        if (inside === 0x5c) at++;
        else if (inside === 0x22) break;
      }
    } else if (code === 0x5b || code === 0x7b) {
      depth++;
      if (depth > maxDepth) return at;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return undefined;
}
