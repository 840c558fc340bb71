/** A line without its end, or that there was one with more bytes than are taken. */
export type Line = Buffer | "too-long";

const lineFeed = 0x0a;

/**
 * Cuts bytes into lines at line feeds. Of a line with too many bytes nothing is kept: it holds no more than one line's
 * bytes and the chunk that it was given last. Lines of white space alone are left out.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #chunk: Buffer = nothing;
  #at = 0;
  /** The beginning of a line whose end has not come. Copied: chunks of one byte each would take a hundred times the room. */
  #held: Buffer = nothing;
  #heldBytes = 0;
  #isTooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes are taken for the beginning of a line. */
  get keptBytes(): number {
    return this.#held.length;
  }

  /** Takes the next bytes, when `next` has given all lines of those before. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next whole line; undefined when more bytes are needed. A line holds until the next `push`. */
  next(): Line | undefined {
    while (this.#at < this.#chunk.length) {
      const end = this.#chunk.indexOf(lineFeed, this.#at);
      const part = this.#chunk.subarray(this.#at, end === -1 ? undefined : end);
      this.#at = end === -1 ? this.#chunk.length : end + 1;
      if (end === -1) {
        this.#hold(part);
        return undefined;
      }
      const line = this.#lineOf(part);
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** What came after the last line feed, once all bytes have come. */
  end(): Line | undefined {
    return this.#lineOf(nothing);
  }

  /** Lets go of what it has. */
  clear(): void {
    this.#chunk = nothing;
    this.#forget();
  }

  #hold(part: Buffer): void {
    const length = this.#heldBytes + part.length;
    if (this.#isTooLong || length > this.#maxBytes) {
      this.#isTooLong = true;
      this.#forget();
      return;
    }
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(
        Math.min(this.#maxBytes, Math.max(length, 2 * this.#held.length, leastHeld)),
      );
      grown.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = grown;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = length;
  }

  /** The line that ends with a part; undefined when nothing is on it. */
  #lineOf(part: Buffer): Line | undefined {
    let line: Line = part;
    if (this.#heldBytes > 0 || this.#isTooLong) {
      this.#hold(part);
      line = this.#isTooLong ? "too-long" : this.#held.subarray(0, this.#heldBytes);
      this.#forget();
      this.#isTooLong = false;
    } else if (part.length > this.#maxBytes) return "too-long";
    return line === "too-long" || !isBlank(line) ? line : undefined;
  }

  /** The bytes themselves may have been given away as a line. */
  #forget(): void {
    this.#held = nothing;
    this.#heldBytes = 0;
  }
}

const nothing = Buffer.alloc(0);
const leastHeld = 1_024;

/** Whether there is nothing but what JSON takes for white space. */
function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
