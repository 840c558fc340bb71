import { createHash } from "node:crypto";

/** A whole number of 32 bits that follows from a text. */
export function seedOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32LE(0);
}

/** A number from 0 to below 1 that follows from a text. */
export function shareOf(text: string): number {
  return seedOf(text) / 2 ** 32;
}
