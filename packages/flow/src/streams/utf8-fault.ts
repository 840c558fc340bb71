import { isUtf8 } from "node:buffer";

/** Where bytes stop being UTF-8. */
export interface Utf8Fault {
  readonly message: string;
  /** In UTF-16 units, counted from 1. */
  readonly column: number;
  /** What is before it, as text. */
  readonly before: string;
}

/** What is wrong with bytes that are not UTF-8. */
export function utf8Fault(bytes: Buffer): Utf8Fault {
  const valid = validPart(bytes);
  const before = valid.toString("utf8");
  const byte = (bytes[valid.length] ?? 0).toString(16).padStart(2, "0");
  return { message: `not UTF-8: byte 0x${byte}`, column: before.length + 1, before };
}

/** What of the bytes is UTF-8, from the beginning to the first that cannot be. */
function validPart(bytes: Buffer): Buffer {
  let low = 0;
  // A character has at most four bytes: whether all before a place are UTF-8 is told but for three bytes.
  let high = bytes.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isPrefix(bytes.subarray(0, middle))) low = middle;
    else high = middle;
  }
  let end = low;
  while (end > 0 && !isUtf8(bytes.subarray(0, end))) end--;
  return bytes.subarray(0, end);
}

/** Whether bytes are UTF-8, or would be with the rest of their last character. */
function isPrefix(bytes: Buffer): boolean {
  for (let cut = 0; cut <= 3 && cut <= bytes.length; cut++) {
    if (isUtf8(bytes.subarray(0, bytes.length - cut))) return true;
  }
  return false;
}
