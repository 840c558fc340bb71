import { isAscii, isUtf8 } from "node:buffer";
import type { LineOffsets, Refusal, SourceReader } from "../source.ts";

/** Makes of a line a record, or a refusal. */
export type ReadLine = (line: string, page: LinePage) => unknown;

const lineEnd = 0x0a;

/**
 * Whole lines of a file, as they were read, that become records one by one. All of them are decoded together where
 * they are UTF-8: a text a line costs several times as much.
 */
export class LinePage implements Iterable<unknown>, Iterator<unknown>, LineOffsets {
  private readonly bytes: Buffer;
  private readonly reader: SourceReader;
  private readonly maxLineBytes: number;
  private readonly readLine: ReadLine;
  /** Undefined where some line is not UTF-8. */
  readonly text: string | undefined;
  /** Whether the file ends in the last line, without a line end. */
  readonly isCut: boolean;
  private at = 0;
  /** The file's bytes before the page. */
  private readonly startByte: number;
  private readonly startLine: number;
  private known: { line: number; at: number; byte: number };
  /** The number of the line before the next. */
  line: number;
  /** One object serves all answers: the feed takes the value at once. */
  private readonly answer: { done: boolean; value: unknown } = { done: false, value: undefined };
  /** What holds of the whole page, kept by whoever reads lines. */
  note: unknown = undefined;

  constructor(
    bytes: Buffer,
    start: { readonly byte: number; readonly line: number; readonly isCut: boolean },
    reader: SourceReader,
    maxLineBytes: number,
    readLine: ReadLine,
  ) {
    this.bytes = bytes;
    this.startByte = start.byte;
    this.startLine = start.line;
    this.known = { line: start.line + 1, at: 0, byte: start.byte };
    this.line = start.line;
    this.isCut = start.isCut;
    this.reader = reader;
    this.maxLineBytes = maxLineBytes;
    this.readLine = readLine;
    this.text = isAscii(bytes)
      ? bytes.toString("latin1")
      : isUtf8(bytes)
        ? bytes.toString("utf8")
        : undefined;
  }

  [Symbol.iterator](): this {
    this.reader.cursor.offsets = this.text === undefined ? undefined : this;
    return this;
  }

  /** Where a line of it begins in the file. Counted from the last one that was asked for: most are asked for in order. */
  offsetOf(line: number): number {
    const { text = "" } = this;
    if (line < this.known.line) this.known = { line: this.startLine + 1, at: 0, byte: this.startByte };
    const { known } = this;
    let { at } = known;
    for (let before = known.line; before < line; before++) at = text.indexOf("\n", at) + 1;
    known.byte += Buffer.byteLength(text.slice(known.at, at));
    known.at = at;
    known.line = line;
    return known.byte;
  }

  next(): IteratorResult<unknown> {
    const { answer } = this;
    answer.value = this.text === undefined ? this.nextOfBytes() : this.nextOfText(this.text);
    answer.done = answer.value === pageEnd;
    // The iterator protocol's two shapes in one object.
    return answer as IteratorResult<unknown>;
  }

  private nextOfText(text: string): unknown {
    for (;;) {
      const { at } = this;
      if (at >= text.length) return pageEnd;
      let end = text.indexOf("\n", at);
      if (end === -1) end = text.length;
      const line = text.slice(at, end);
      this.at = end + 1;
      this.line++;
      this.reader.cursor.line = this.line;
      // A UTF-16 unit has at most three bytes of UTF-8.
      if (line.length * 3 > this.maxLineBytes && Buffer.byteLength(line) > this.maxLineBytes) {
        return this.tooLong(line.slice(0, 200));
      }
      if (isBlank(line)) continue;
      return this.readLine(line, this);
    }
  }

  /** Line by line, because not every one is UTF-8. */
  private nextOfBytes(): unknown {
    const { bytes } = this;
    for (;;) {
      const { at } = this;
      if (at >= bytes.length) return pageEnd;
      let end = bytes.indexOf(lineEnd, at);
      if (end === -1) end = bytes.length;
      this.at = end + 1;
      this.line++;
      const { cursor } = this.reader;
      cursor.line = this.line;
      cursor.byteOffset = this.startByte + at;
      const piece = bytes.subarray(at, end);
      if (piece.length > this.maxLineBytes) return this.tooLong(piece.toString("latin1", 0, 200));
      if (!isUtf8(piece)) {
        const valid = validPart(piece);
        return this.reader.refuse({
          message: `not UTF-8: byte 0x${(piece[valid.length] ?? 0).toString(16).padStart(2, "0")}`,
          column: valid.toString("utf8").length + 1,
          raw: piece.subarray(0, 200).toString("utf8"),
        });
      }
      const line = piece.toString("utf8");
      if (!isBlank(line)) return this.readLine(line, this);
    }
  }

  private tooLong(raw: string): Refusal {
    return tooLong(this.reader, this.maxLineBytes, raw);
  }
}

/** Says that a line has more bytes than it may. */
export function tooLong(reader: SourceReader, maxLineBytes: number, raw: string): Refusal {
  return reader.refuse({ message: `longer than ${maxLineBytes} bytes`, column: 1, raw });
}

const pageEnd: unique symbol = Symbol("page end");

function isBlank(line: string): boolean {
  // Nearly every line begins with something to see.
  const first = line.charCodeAt(0);
  return !(first > 0x20) && line.trim() === "";
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
