import { isAscii, isUtf8 } from "node:buffer";
import { rawOf, rawOfBytes } from "../formats/raw.ts";
import { tooLongText } from "../formats/too-long.ts";
import type { Refusal, SourceReader } from "../source.ts";
import type { ColumnTrack } from "../streams/column-track.ts";
import { utf8Fault } from "../streams/utf8-fault.ts";
import type { ArrayScanner } from "./array-scanner.ts";
import { JsonProblem, mayHoldProto, parseJson } from "./parse-json.ts";

/** A part of a JSON document. */
export interface JsonPart {
  readonly bytes: Buffer;
  /** The document's bytes before it. */
  readonly startByte: number;
  /** Where it begins in its line. */
  readonly column: ColumnTrack;
  /** What is known of an element that is too long, and so is not in the part any more. */
  readonly lost: LostElement | undefined;
}

/** An element of which nothing is kept. */
export interface LostElement {
  readonly column: number;
  readonly raw: string;
}

/** The elements that end in a part of a JSON document, which become records one by one. */
export class JsonPage implements Iterable<unknown>, Iterator<unknown> {
  private readonly part: JsonPart;
  private readonly spans: ArrayScanner;
  private readonly reader: SourceReader;
  private readonly maxRecordBytes: number;
  /** Where all of it is ASCII: each character is a byte. */
  private readonly text: string | undefined;
  private readonly isUtf8: boolean;
  private readonly mayHoldProto: boolean;
  /** How many elements stand before. */
  private readonly countBefore: number;
  private index = 0;
  /** One object serves all answers: the feed takes the value at once. */
  private readonly answer: { done: boolean; value: unknown } = { done: false, value: undefined };

  /** @param spans where the elements are; read until the page is worked off */
  constructor(part: JsonPart, spans: ArrayScanner, reader: SourceReader, maxRecordBytes: number) {
    this.part = part;
    this.spans = spans;
    this.reader = reader;
    this.maxRecordBytes = maxRecordBytes;
    this.countBefore = spans.count - spans.starts.length;
    // What stands after the last element may be cut within a character.
    const bytes = part.bytes.subarray(0, Math.max(0, (spans.ends.at(-1) ?? 0) - part.startByte));
    this.text = isAscii(bytes) ? bytes.toString("latin1") : undefined;
    this.isUtf8 = this.text !== undefined || isUtf8(bytes);
    this.mayHoldProto = mayHoldProto(this.text ?? bytes.toString("latin1"));
  }

  [Symbol.iterator](): this {
    this.reader.cursor.offsets = undefined;
    return this;
  }

  next(): IteratorResult<unknown> {
    const { answer, index, spans } = this;
    answer.done = index >= spans.starts.length;
    answer.value = answer.done ? undefined : this.record(index);
    this.index = index + 1;
    // The iterator protocol's two shapes in one object.
    return answer as IteratorResult<unknown>;
  }

  private record(index: number): unknown {
    const { starts, ends, lines } = this.spans;
    // In range.
    const start = starts[index] as number;
    const end = ends[index] as number;
    const line = lines[index] as number;
    const { bytes, startByte, lost } = this.part;
    const { cursor } = this.reader;
    cursor.line = line;
    cursor.byteOffset = start;
    const from = start - startByte;
    const to = end - startByte;
    if (from < 0) return this.tooLong(lost?.column ?? 1, lost?.raw ?? "");
    if (to - from > this.maxRecordBytes) {
      return this.tooLong(this.columnAt(from), rawOfBytes(bytes.subarray(from, to)));
    }
    if (from === to) return this.refuse("an element is missing", this.columnAt(from), "");
    let text: string;
    if (this.text !== undefined) text = this.text.slice(from, to);
    else if (this.isUtf8) text = bytes.toString("utf8", from, to);
    else {
      const piece = bytes.subarray(from, to);
      if (!isUtf8(piece)) {
        const { message, before } = utf8Fault(piece);
        return this.refuseAt(message, from, before, before.length, rawOfBytes(piece));
      }
      text = piece.toString("utf8");
    }
    const value = parseJson(text, this.mayHoldProto && mayHoldProto(text));
    if (!(value instanceof JsonProblem)) return value;
    const { message, at } = value;
    if (at === undefined) return this.refuse(message, undefined, rawOf(text));
    return this.refuseAt(message, from, text, at, rawOf(text));
  }

  /** Refuses an element for what stands at a place of its text. */
  private refuseAt(message: string, from: number, text: string, at: number, raw: string): Refusal {
    const lastBreak = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
    if (lastBreak === -1) return this.refuse(message, this.columnAt(from) + at, raw);
    this.reader.cursor.line += text.slice(0, at).split("\n").length - 1;
    return this.refuse(message, at - lastBreak, raw);
  }

  private refuse(message: string, column: number | undefined, raw: string): Refusal {
    const which = this.spans.isArray ? `, in element [${this.countBefore + this.index}]` : "";
    return this.reader.refuse({ message: `${message}${which}`, column, raw });
  }

  private tooLong(column: number, raw: string): Refusal {
    return this.refuse(tooLongText(this.maxRecordBytes), column, raw);
  }

  private columnAt(from: number): number {
    return this.part.column.columnAfter(this.part.bytes.subarray(0, from));
  }
}
