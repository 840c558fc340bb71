import { createHash } from "node:crypto";

/** A whole number of 32 bits that follows from a text. */
export function seedOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32LE(0);
}
