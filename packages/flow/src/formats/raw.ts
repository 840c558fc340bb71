/** How much of what cannot be read is kept. */
const maxRawLength = 200;

/** The beginning of a record that cannot be read; a copy, so that the text it is from need not be kept. */
export function rawOf(text: string): string {
  return Buffer.from(text.slice(0, maxRawLength), "utf16le").toString("utf16le");
}

/** The beginning of bytes that cannot be read, as text. */
export function rawOfBytes(bytes: Buffer): string {
  return bytes.toString("utf8", 0, maxRawLength);
}
