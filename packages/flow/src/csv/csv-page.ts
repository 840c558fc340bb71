import { isAscii, isUtf8 } from "node:buffer";
import { rawOfBytes } from "../formats/raw.ts";
import { tooLongText } from "../formats/too-long.ts";
import type { Refusal, SourceReader } from "../source.ts";
import { utf8Fault } from "../streams/utf8-fault.ts";
import { unreadable } from "../unreadable.ts";
import { misfit, misfitReason } from "./convert.ts";
import { columnsOf, type CsvColumns, headerProblem } from "./csv-header.ts";
import type { CsvSettings } from "./csv-pages.ts";
import { type RowEnd, RowScanner } from "./row-scanner.ts";
import { fieldStart, splitRow } from "./split-row.ts";

/** What holds from one page of a file to the next. */
export interface CsvState {
  /** Undefined before the row of names. */
  columns: CsvColumns | undefined;
}

/** A part of a CSV file. */
export interface CsvPart {
  /** Whole lines, or the end of the file. */
  readonly bytes: Buffer;
  /** The file's bytes before it. */
  readonly startByte: number;
  /** The number of the line before it. */
  readonly line: number;
  /** Whether the file ends here. */
  readonly isLast: boolean;
  /** Whether a row that begins here and is open at its end is too long to be read any further. */
  readonly isFull: boolean;
}

const returnCode = 0x0d;

/** Rows of a CSV file, which become records one by one. */
export class CsvPage implements Iterable<unknown>, Iterator<unknown> {
  private readonly part: CsvPart;
  private readonly state: CsvState;
  private readonly settings: CsvSettings;
  private readonly reader: SourceReader;
  /** A character for each byte: what makes the rows is ASCII, so they can be found before they are decoded. */
  private readonly text: string;
  private readonly scanner: RowScanner;
  private readonly encoding: "latin1" | "utf8" | undefined;
  /** Whether there is anything that makes fields without quotes wrong. */
  private readonly isOdd: boolean;
  private at = 0;
  /** The number of the line before the next. */
  line: number;
  /** Where the row begins that the page ends within; its length when it ends with a row. */
  restAt: number;
  /** One object serves all answers: the feed takes the value at once. */
  private readonly answer: { done: boolean; value: unknown } = { done: false, value: undefined };

  constructor(part: CsvPart, state: CsvState, settings: CsvSettings, reader: SourceReader) {
    const { bytes } = part;
    this.part = part;
    this.state = state;
    this.settings = settings;
    this.reader = reader;
    this.line = part.line;
    this.restAt = bytes.length;
    this.text = bytes.toString("latin1");
    this.scanner = new RowScanner(this.text, settings.delimiter);
    this.encoding = isAscii(bytes) ? "latin1" : isUtf8(bytes) ? "utf8" : undefined;
    this.isOdd = this.text.includes("\0") || this.text.includes("\r");
  }

  [Symbol.iterator](): this {
    this.reader.cursor.offsets = undefined;
    return this;
  }

  next(): IteratorResult<unknown> {
    const { answer } = this;
    answer.value = this.record();
    answer.done = answer.value === pageEnd;
    // The iterator protocol's two shapes in one object.
    return answer as IteratorResult<unknown>;
  }

  private record(): unknown {
    const { text, scanner } = this;
    const { isLast, isFull, startByte } = this.part;
    const { cursor } = this.reader;
    const { maxRecordBytes } = this.settings;
    for (;;) {
      const { at } = this;
      if (at >= text.length) return pageEnd;
      const lineEnd = scanner.nextLineEnd(at);
      cursor.line = this.line + 1;
      cursor.byteOffset = startByte + at;
      if (scanner.nextQuote(at) >= lineEnd) {
        this.at = lineEnd + 1;
        this.line++;
        const end = this.withoutReturn(at, lineEnd);
        if (end === at) continue;
        if (lineEnd - at > maxRecordBytes) return this.tooLong(at, lineEnd);
        const record = this.recordOf(at, end, false);
        if (record !== undefined) return record;
        continue;
      }
      const end = scanner.endOf(at);
      const knownEnd = end.kind === "open" ? text.length : scanner.nextLineEnd(end.at);
      const isOpen = end.kind === "open" && !isLast;
      const isTooLong = knownEnd - at > maxRecordBytes || (isOpen && isFull && at === 0);
      if (isOpen && !isTooLong) {
        this.restAt = at;
        return pageEnd;
      }
      if (end.kind === "end" && !isTooLong) {
        this.at = end.at + 1;
        this.line += this.lineEndsIn(lineEnd, end.at) + 1;
        const record = this.recordOf(at, this.withoutReturn(at, end.at), true);
        if (record !== undefined) return record;
        continue;
      }
      // Where the row ends is not known, so it is given up to the end of its first line.
      this.at = lineEnd + 1;
      this.line++;
      if (!isTooLong) return this.refuseQuotes(at, end);
      if (knownEnd === lineEnd) return this.tooLong(at, lineEnd);
      return this.refuse(
        `wrong quotes: a field is not closed within ${maxRecordBytes} bytes`,
        1,
        at,
        lineEnd,
      );
    }
  }

  /** Refuses a row for its quotes. */
  private refuseQuotes(at: number, end: RowEnd): Refusal {
    if (end.kind === "stray") {
      return this.refuseAt(at, end.at, "wrong quotes: a quote in a field that does not begin with one");
    }
    if (end.kind !== "after") return this.refuseAt(at, end.at, "wrong quotes: a field is not closed");
    const [char] = this.part.bytes.toString("utf8", end.at, end.at + 4);
    const lines = this.text.slice(at, end.at).split("\n").length;
    if (!this.text.slice(end.open, end.at).includes("\n")) {
      const message = `wrong quotes: ${JSON.stringify(char)} after the quote that closes a field`;
      return this.refuseAt(at, end.at, message);
    }
    // Most likely the quote that closes it is missing, and the next is one that should begin another field.
    const message = `wrong quotes: a field is not closed before ${JSON.stringify(char)} in line ${this.line + lines - 1}`;
    return this.refuseAt(at, end.open, message);
  }

  private tooLong(at: number, end: number): Refusal {
    return this.refuse(tooLongText(this.settings.maxRecordBytes), 1, at, end);
  }

  /** Undefined for the row of names. */
  private recordOf(at: number, end: number, isQuoted: boolean): unknown {
    const { delimiter } = this.settings;
    if (this.isOdd) {
      const nul = this.text.slice(at, end).indexOf("\0");
      if (nul !== -1) return this.refuseAt(at, at + nul, "has a NUL byte", end);
      const back = isQuoted ? -1 : this.text.slice(at, end).indexOf("\r");
      if (back !== -1) return this.refuseAt(at, at + back, "a carriage return that ends no line", end);
    }
    let { encoding } = this;
    if (encoding === undefined) {
      const piece = this.part.bytes.subarray(at, end);
      if (!isUtf8(piece)) {
        const { message, before } = utf8Fault(piece);
        return this.refuseAt(at, at + Buffer.byteLength(before), message, end);
      }
      encoding = "utf8";
    }
    // Decoded row by row: a field is a part of its row, which it keeps in memory, but not of the page.
    const row = this.part.bytes.toString(encoding, at, end);
    const { columns } = this.state;
    if (columns === undefined) {
      this.takeNames(splitRow(row, delimiter));
      return undefined;
    }
    const record: Record<string, unknown> = {};
    const { names, converters } = columns;
    const count = isQuoted
      ? fillQuoted(record, names, row, delimiter)
      : fillPlain(record, names, row, delimiter);
    if (count !== names.length) {
      const fields = count === 1 ? "1 field" : `${count} fields`;
      const message = `has ${fields}, and there are ${names.length} columns`;
      return this.refuseField(message, row, names.length, at, end);
    }
    if (converters === undefined) return record;
    for (const [index, convert] of converters.entries()) {
      if (convert === undefined) continue;
      const name = names[index] as string;
      // Filled above, with a text for each name.
      const value = convert(record[name] as string);
      if (value === misfit) {
        const field = record[name] as string;
        const reason = misfitReason(field, this.settings.types[name]);
        const message = `${name}: ${JSON.stringify(field).slice(0, 100)} ${reason}`;
        return this.refuseField(message, row, index, at, end);
      }
      record[name] = value;
    }
    return record;
  }

  private takeNames(names: readonly string[]): void {
    const { cursor } = this.reader;
    const { what, columns, types } = this.settings;
    if (columns !== undefined) {
      // A row of more names, or of fewer, is one of another file.
      if (names.length !== columns.length) {
        throw unreadable(
          { file: cursor.file, line: cursor.line },
          `the row of names has ${names.length === 1 ? "1 field" : `${names.length} fields`}, and there are ${columns.length} columns`,
          "Give as many columns as the row of names has.",
        );
      }
      this.state.columns = columnsOf(what, columns, types);
      return;
    }
    const problem = headerProblem(names);
    if (problem !== undefined) {
      throw unreadable(
        { file: cursor.file, line: cursor.line },
        `the row of names is wrong: ${problem}`,
        "Correct it, or give other names as columns, with header: true.",
      );
    }
    this.state.columns = columnsOf(what, names, types);
  }

  private withoutReturn(at: number, end: number): number {
    return end > at && this.text.charCodeAt(end - 1) === returnCode ? end - 1 : end;
  }

  /** How many lines end within a row, whose first does at a place. */
  private lineEndsIn(first: number, end: number): number {
    let count = 0;
    for (let at = first; at < end && at !== -1; at = this.text.indexOf("\n", at + 1)) count++;
    return count;
  }

  /** Refuses a row for one of its fields. */
  private refuseField(message: string, row: string, field: number, at: number, end: number): Refusal {
    const before = row.slice(0, fieldStart(row, this.settings.delimiter, field));
    return this.refuseAt(at, at + Buffer.byteLength(before), message, end);
  }

  /** Refuses a row for what stands at one of its bytes. */
  private refuseAt(at: number, faultAt: number, message: string, end = this.text.length): Refusal {
    const { cursor } = this.reader;
    const before = this.text.slice(at, faultAt);
    const lastBreak = before.lastIndexOf("\n");
    if (lastBreak !== -1) cursor.line += before.split("\n").length - 1;
    const lineStart = at + lastBreak + 1;
    const column = this.part.bytes.toString("utf8", lineStart, faultAt).length + 1;
    return this.refuse(message, column, at, end);
  }

  private refuse(message: string, column: number, at: number, end: number): Refusal {
    const { cursor } = this.reader;
    if (this.state.columns === undefined) {
      throw unreadable(
        { file: cursor.file, line: cursor.line, column },
        `the row of names is wrong: ${message}`,
        "Correct it: without it no column has a name.",
      );
    }
    return this.reader.refuse({ message, column, raw: rawOfBytes(this.part.bytes.subarray(at, end)) });
  }
}

const pageEnd: unique symbol = Symbol("page end");

/** Puts the fields of a row without quotes under their names; gives their number. */
function fillPlain(
  record: Record<string, unknown>,
  names: readonly string[],
  row: string,
  delimiter: string,
): number {
  const last = names.length - 1;
  let from = 0;
  for (let index = 0; ; index++) {
    const to = row.indexOf(delimiter, from);
    // Fields beyond the names are counted only.
    if (index <= last) record[names[index] as string] = row.slice(from, to === -1 ? row.length : to);
    if (to === -1) return index + 1;
    from = to + 1;
  }
}

function fillQuoted(
  record: Record<string, unknown>,
  names: readonly string[],
  row: string,
  delimiter: string,
): number {
  const fields = splitRow(row, delimiter);
  if (fields.length === names.length) {
    for (const [index, field] of fields.entries()) record[names[index] as string] = field;
  }
  return fields.length;
}
