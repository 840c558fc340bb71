import { csvPages } from "../csv/csv-pages.ts";
import { jsonPages } from "../json/json-pages.ts";
import { linePages } from "../jsonl/line-pages.ts";
import { lineParser } from "../jsonl/parse-line.ts";
import type { SourceReader } from "../source.ts";
import { type ByteStream, countedBytes } from "../streams/byte-stream.ts";
import { gunzipStream } from "../streams/gunzip-stream.ts";
import { limitedBytes } from "../streams/limited-bytes.ts";
import { openText } from "../streams/text-stream.ts";
import { textReader } from "../text/read-text.ts";
import type { ReadSettings } from "./read-options.ts";

/**
 * The records that stand in bytes, and refusals for what cannot be read; the stream is closed at the end. The reader's
 * cursor says where each is from, and `bytesRead` how many of the bytes have been read, before they are unpacked.
 *
 * @param what the function that reads, for messages
 * @param name what the bytes are of: `file` in each record's place
 */
export async function* recordPages(
  what: string,
  name: string,
  raw: ByteStream,
  reader: SourceReader,
  { kind, maxRecordBytes, maxBytes, columns, header, types }: ReadSettings,
): AsyncGenerator<Iterable<unknown>> {
  const { cursor } = reader;
  cursor.file = name;
  cursor.line = 0;
  cursor.byteOffset = -1;
  cursor.offsets = undefined;
  const onBytes = (count: number): void => {
    cursor.bytesRead += count;
  };
  const unpacked = kind.isGzip ? gunzipStream(raw, name, onBytes) : countedBytes(raw, onBytes);
  const bytes = limitedBytes(unpacked, maxBytes, name);
  try {
    const stream = await openText(bytes, name);
    const { delimiter } = kind;
    switch (kind.format) {
      case "jsonl": {
        const readLine = lineParser(reader);
        yield* linePages(stream, reader, { maxRecordBytes, keepsBlank: false, readLine });
        break;
      }
      case "text": {
        const readLine = textReader(reader);
        yield* linePages(stream, reader, { maxRecordBytes, keepsBlank: true, readLine });
        break;
      }
      case "json":
        yield* jsonPages(stream, reader, maxRecordBytes);
        break;
      case "csv":
        yield* csvPages(stream, reader, { what, maxRecordBytes, delimiter, columns, header, types });
        break;
    }
  } finally {
    await bytes.close();
  }
}
