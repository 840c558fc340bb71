import { rawOfBytes } from "../formats/raw.ts";
import type { SourceReader } from "../source.ts";
import { ColumnTrack } from "../streams/column-track.ts";
import { inPieces } from "../streams/in-pieces.ts";
import type { TextStream } from "../streams/text-stream.ts";
import { unreadable } from "../unreadable.ts";
import { ArrayScanner } from "./array-scanner.ts";
import { JsonPage, type LostElement } from "./json-page.ts";

/**
 * The elements of a JSON array as records, as they come; a document that is no array is one record. An element that is
 * no JSON is refused and those after it are read, as long as brackets close what was opened.
 *
 * @throws AtomicError `VALIDATION_INPUT` where no further element can be found, also at an end that comes too early
 */
export async function* jsonPages(
  stream: TextStream,
  reader: SourceReader,
  maxRecordBytes: number,
): AsyncGenerator<Iterable<unknown>> {
  const scanner = new ArrayScanner(stream.startByte);
  const column = new ColumnTrack();
  /** The beginning of an element whose end has not come yet, in pieces. */
  let rest: Buffer[] = [];
  let restBytes = 0;
  /** The document's bytes before `rest`. */
  let startByte = stream.startByte;
  let lost: LostElement | undefined;
  const read = inPieces(stream.read);
  for (;;) {
    const chunk = await read();
    if (reader.signal.aborted) return;
    if (chunk === undefined) scanner.finish();
    else scanner.scan(chunk);
    let bytes: Buffer | undefined;
    if (scanner.starts.length > 0) {
      bytes = joined(rest, chunk);
      yield new JsonPage({ bytes, startByte, column, lost }, scanner, reader, maxRecordBytes);
      lost = undefined;
    }
    const { fault, elementStart } = scanner;
    if (fault !== undefined) {
      const before = joined(rest, chunk).subarray(0, fault.at - startByte);
      const place = { file: reader.cursor.file, line: fault.line, column: column.columnAfter(before) };
      throw unreadable(place, fault.message, fault.hint);
    }
    if (chunk === undefined) return;
    if (elementStart === startByte && restBytes > 0) rest.push(Buffer.from(chunk));
    else {
      bytes ??= joined(rest, chunk);
      // Of an element that is too long nothing is kept.
      const kept = elementStart < startByte ? bytes.length : elementStart - startByte;
      column.skip(bytes.subarray(0, kept));
      rest = kept < bytes.length ? [Buffer.from(bytes.subarray(kept))] : [];
      startByte += kept;
    }
    restBytes = rest.reduce((sum, piece) => sum + piece.length, 0);
    if (restBytes > maxRecordBytes) {
      const beginning = joined(rest, undefined);
      lost = { column: column.columnAfter(Buffer.alloc(0)), raw: rawOfBytes(beginning) };
      column.skip(beginning);
      startByte += restBytes;
      rest = [];
      restBytes = 0;
    }
  }
}

function joined(rest: readonly Buffer[], chunk: Buffer | undefined): Buffer {
  const pieces = chunk === undefined ? rest : [...rest, chunk];
  return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
}
