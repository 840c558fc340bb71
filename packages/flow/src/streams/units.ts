import { isAscii } from "node:buffer";

/** How many UTF-16 units the bytes of a UTF-8 text are, also when they begin or end within a character. */
export function unitsOf(bytes: Buffer): number {
  if (isAscii(bytes)) return bytes.length;
  let units = 0;
  for (const byte of bytes) {
    // What continues a character counts nothing, what begins one of four bytes is two units.
    if (byte < 0x80 || byte >= 0xc0) units += byte >= 0xf0 && byte < 0xf5 ? 2 : 1;
  }
  return units;
}
