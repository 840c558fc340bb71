import { rawOfBytes } from "../formats/raw.ts";
import type { SourceReader } from "../source.ts";
import { pieceBytes } from "../streams/in-pieces.ts";
import type { TextStream } from "../streams/text-stream.ts";
import { LinePage, type LineSettings, tooLong } from "./line-page.ts";

const lineEnd = 0x0a;

/** Cuts a stream of text into pages of whole lines; of a line that is too long nothing is kept. */
export async function* linePages(
  stream: TextStream,
  reader: SourceReader,
  settings: LineSettings,
): AsyncGenerator<Iterable<unknown>> {
  const { maxRecordBytes } = settings;
  /** The beginning of a line whose end has not come yet, in pieces. */
  let rest: Buffer[] = [];
  let restBytes = 0;
  let isSkipping = false;
  let line = 0;
  /** The file's bytes before `rest`. */
  let byte = stream.startByte;
  const refusedPage = (raw: string): Iterable<unknown> => {
    const { cursor } = reader;
    const at = { line, byteOffset: byte };
    return {
      *[Symbol.iterator]() {
        cursor.line = at.line;
        cursor.byteOffset = at.byteOffset;
        cursor.offsets = undefined;
        yield tooLong(reader, maxRecordBytes, raw);
      },
    };
  };
  for (;;) {
    let chunk = await stream.read();
    if (chunk === undefined || reader.signal.aborted) break;
    if (isSkipping) {
      const end = chunk.indexOf(lineEnd);
      if (end === -1) {
        byte += chunk.length;
        continue;
      }
      isSkipping = false;
      byte += end + 1;
      chunk = chunk.subarray(end + 1);
    }
    const last = chunk.lastIndexOf(lineEnd);
    if (last === -1) {
      rest.push(Buffer.from(chunk));
      restBytes += chunk.length;
    } else {
      for (let at = 0; at <= last; ) {
        const end = endOfPage(chunk, at, last) + 1;
        const whole = chunk.subarray(at, end);
        at = end;
        const bytes: Buffer = rest.length === 0 ? whole : Buffer.concat([...rest, whole]);
        rest = [];
        const page = new LinePage(bytes, { byte, line, isCut: false }, reader, settings);
        yield page;
        ({ line } = page);
        byte += bytes.length;
      }
      rest = last + 1 < chunk.length ? [Buffer.from(chunk.subarray(last + 1))] : [];
      restBytes = chunk.length - last - 1;
    }
    if (restBytes > maxRecordBytes) {
      line++;
      yield refusedPage(rawOfBytes(rest[0] ?? Buffer.alloc(0)));
      byte += restBytes;
      rest = [];
      restBytes = 0;
      isSkipping = true;
    }
  }
  if (restBytes > 0 && !reader.signal.aborted) {
    yield new LinePage(Buffer.concat(rest), { byte, line, isCut: true }, reader, settings);
  }
}

/** The place of the last line end of a page: the last that fits, or the first there is. */
function endOfPage(chunk: Buffer, start: number, last: number): number {
  const most = start + pieceBytes - 1;
  if (most >= last) return last;
  const end = chunk.lastIndexOf(lineEnd, most);
  return end >= start ? end : chunk.indexOf(lineEnd, most);
}
