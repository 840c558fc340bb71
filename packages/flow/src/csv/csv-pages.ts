import { rawOfBytes } from "../formats/raw.ts";
import { tooLongText } from "../formats/too-long.ts";
import type { Refusal, SourceReader } from "../source.ts";
import { inPieces } from "../streams/in-pieces.ts";
import type { TextStream } from "../streams/text-stream.ts";
import { unreadable } from "../unreadable.ts";
import type { ColumnType } from "./column-type.ts";
import { columnsOf } from "./csv-header.ts";
import { CsvPage, type CsvState } from "./csv-page.ts";

/** How CSV is read. */
export interface CsvSettings {
  /** The function whose options these are, for messages. */
  readonly what: string;
  readonly maxRecordBytes: number;
  readonly delimiter: string;
  /** The names of the columns, where they are not those of the first row. */
  readonly columns: readonly string[] | undefined;
  /** Whether the first row holds names. */
  readonly header: boolean;
  readonly types: Readonly<Record<string, ColumnType>>;
}

const lineEnd = 0x0a;

/**
 * The rows of a CSV file as records. A row that has not as many fields as there are columns, or wrong quotes, is
 * refused. Where wrong quotes hide the end of a row, reading goes on with the line after its first.
 *
 * @throws AtomicError `VALIDATION_INPUT` when the row of names is wrong
 */
export async function* csvPages(
  stream: TextStream,
  reader: SourceReader,
  settings: CsvSettings,
): AsyncGenerator<Iterable<unknown>> {
  const { what, maxRecordBytes, columns, header, types } = settings;
  const state: CsvState = {
    columns: columns === undefined || header ? undefined : columnsOf(what, columns, types),
  };
  /** What begins a row whose end has not come yet: so many bytes of whole lines, and then the beginning of one. */
  let rest: Buffer = Buffer.alloc(0);
  let wholeBytes = 0;
  let isSkipping = false;
  let line = 0;
  /** The file's bytes before `rest`. */
  let startByte = stream.startByte;
  function* tooLong(raw: string): Iterable<Refusal> {
    const { cursor } = reader;
    cursor.line = line;
    cursor.byteOffset = startByte;
    cursor.offsets = undefined;
    const message = tooLongText(maxRecordBytes);
    if (state.columns === undefined) {
      const hint = "Is it CSV, and is the delimiter right?";
      throw unreadable({ file: cursor.file, line, column: 1 }, `the row of names is ${message}`, hint);
    }
    yield reader.refuse({ message, column: 1, raw });
  }
  const read = inPieces(stream.read);
  for (;;) {
    let chunk = await read();
    if (reader.signal.aborted) return;
    if (chunk !== undefined && isSkipping) {
      const end = chunk.indexOf(lineEnd);
      startByte += end === -1 ? chunk.length : end + 1;
      if (end === -1) continue;
      isSkipping = false;
      chunk = chunk.subarray(end + 1);
    }
    let bytes = chunk === undefined ? rest : rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines = chunk === undefined ? -1 : chunk.lastIndexOf(lineEnd) + 1;
    // Without another line end nothing has changed for the row that is open.
    if (lines !== 0) wholeBytes = chunk === undefined ? bytes.length : bytes.length - chunk.length + lines;
    let isFull = lines === 0;
    while (wholeBytes > 0 && (!isFull || bytes.length > maxRecordBytes)) {
      const isLast = chunk === undefined;
      const part = { bytes: bytes.subarray(0, wholeBytes), startByte, line, isLast, isFull };
      const page = new CsvPage(part, state, settings, reader);
      yield page;
      ({ line } = page);
      startByte += page.restAt;
      wholeBytes -= page.restAt;
      bytes = bytes.subarray(page.restAt);
      // Again as long as what is held is more than a row may have.
      isFull = true;
    }
    if (chunk === undefined) return;
    if (bytes.length > maxRecordBytes) {
      line++;
      yield tooLong(rawOfBytes(bytes));
      startByte += bytes.length;
      bytes = bytes.subarray(bytes.length);
      isSkipping = true;
    }
    // What was read holds only until the next reading.
    rest = Buffer.from(bytes);
  }
}
