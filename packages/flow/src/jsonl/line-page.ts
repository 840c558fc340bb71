import { isAscii, isUtf8 } from "node:buffer";
import { rawOf, rawOfBytes } from "../formats/raw.ts";
import { tooLongText } from "../formats/too-long.ts";
import type { LineOffsets, Refusal, SourceReader } from "../source.ts";
import { utf8Fault } from "../streams/utf8-fault.ts";

/** Makes of a line a record, or a refusal. */
export type ReadLine = (line: string, page: LinePage) => unknown;

/** How lines are read. */
export interface LineSettings {
  /** A longer line is refused. */
  readonly maxRecordBytes: number;
  /** Whether a line without anything to see is a record. */
  readonly keepsBlank: boolean;
  readonly readLine: ReadLine;
}

const lineEnd = 0x0a;

/**
 * Whole lines of a file, as they were read, that become records one by one. All of them are decoded together where
 * they are UTF-8: a text a line costs several times as much.
 */
export class LinePage implements Iterable<unknown>, Iterator<unknown>, LineOffsets {
  private readonly bytes: Buffer;
  private readonly reader: SourceReader;
  private readonly settings: LineSettings;
  /** Undefined where some line is not UTF-8. */
  readonly text: string | undefined;
  readonly isAscii: boolean;
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
    settings: LineSettings,
  ) {
    this.bytes = bytes;
    this.startByte = start.byte;
    this.startLine = start.line;
    this.known = { line: start.line + 1, at: 0, byte: start.byte };
    this.line = start.line;
    this.isCut = start.isCut;
    this.reader = reader;
    this.settings = settings;
    this.isAscii = isAscii(bytes);
    this.text = this.isAscii ? bytes.toString("latin1") : isUtf8(bytes) ? bytes.toString("utf8") : undefined;
  }

  [Symbol.iterator](): this {
    // Where each character is a byte, and where lines are read from bytes, their offsets are known as they come.
    this.reader.cursor.offsets = this.text === undefined || this.isAscii ? undefined : this;
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
    const { cursor } = this.reader;
    const { maxRecordBytes, keepsBlank, readLine } = this.settings;
    for (;;) {
      const { at } = this;
      if (at >= text.length) return pageEnd;
      let end = text.indexOf("\n", at);
      if (end === -1) end = text.length;
      const line = text.slice(at, end);
      this.at = end + 1;
      this.line++;
      cursor.line = this.line;
      cursor.byteOffset = this.startByte + at;
      // A UTF-16 unit has at most three bytes of UTF-8.
      if (line.length * 3 > maxRecordBytes && Buffer.byteLength(line) > maxRecordBytes) {
        return tooLong(this.reader, maxRecordBytes, rawOf(line));
      }
      if (!keepsBlank && isBlank(line)) continue;
      return readLine(line, this);
    }
  }

  /** Line by line, because not every one is UTF-8. */
  private nextOfBytes(): unknown {
    const { bytes } = this;
    const { maxRecordBytes, keepsBlank, readLine } = this.settings;
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
      if (piece.length > maxRecordBytes) return tooLong(this.reader, maxRecordBytes, rawOfBytes(piece));
      if (!isUtf8(piece)) {
        const { message, column } = utf8Fault(piece);
        return this.reader.refuse({ message, column, raw: rawOfBytes(piece) });
      }
      const line = piece.toString("utf8");
      if (keepsBlank || !isBlank(line)) return readLine(line, this);
    }
  }
}

/** Says that a line has more bytes than it may. */
export function tooLong(reader: SourceReader, maxRecordBytes: number, raw: string): Refusal {
  return reader.refuse({ message: tooLongText(maxRecordBytes), column: 1, raw });
}

const pageEnd: unique symbol = Symbol("page end");

function isBlank(line: string): boolean {
  // Nearly every line begins with something to see.
  const first = line.charCodeAt(0);
  return !(first > 0x20) && line.trim() === "";
}
