import { Refusal, type SourceReader } from "../source.ts";
import { jsonFault } from "./json-fault.ts";

/** Deeper values are refused: whatever walks them by recursion would overflow its stack. */
const maxDepth = 500;
/** How much of a line that cannot be read is kept. */
const maxRawLength = 200;

/** Whether a text may hold the key `__proto__`, also when it is written with escapes. */
export function mayHoldProto(text: string): boolean {
  return text.includes("__proto__") || text.includes("\\u005f") || text.includes("\\u005F");
}

/**
 * The value of a line of JSON, or a refusal that says what is wrong and where. Of a key that stands twice the last value
 * counts, as in `JSON.parse`; the key `__proto__` is refused, because a copy of such an object has another prototype.
 */
export function parseLine(line: string, reader: SourceReader, mayBeProto: boolean, isCut: boolean): unknown {
  // A value nests at most half as deep as its text is long.
  if (line.length > maxDepth * 2) {
    const tooDeepAt = depthFault(line);
    if (tooDeepAt !== undefined) {
      return refusal(reader, `nests deeper than ${maxDepth}`, line, tooDeepAt);
    }
  }
  try {
    // `JSON.parse` gives anything.
    return mayBeProto ? JSON.parse(line, refuseProto) : (JSON.parse(line) as unknown);
  } catch (thrown) {
    if (thrown instanceof ProtoKey) return refusal(reader, 'has the key "__proto__"', line, undefined);
    const at = jsonFault(line) ?? line.length;
    const what =
      at < line.length ? `not JSON: unexpected ${JSON.stringify(line[at])}` : "not JSON: ends too early";
    return refusal(reader, isCut ? `${what}, and the file ends without a line end` : what, line, at);
  }
}

class ProtoKey extends Error {}

function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new ProtoKey();
  return value;
}

function refusal(reader: SourceReader, message: string, line: string, at: number | undefined): Refusal {
  const raw = line.slice(0, maxRawLength);
  return reader.refuse({ message, column: at === undefined ? undefined : at + 1, raw });
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
