import type { SourceReader } from "../source.ts";
import { LinePage, type ReadLine, tooLong } from "./line-page.ts";

/** How lines are read. */
export interface LineSettings {
  readonly maxLineBytes: number;
  readonly readLine: ReadLine;
}

/** Where bytes come from. */
export interface ByteStream {
  /** The next bytes, which hold until it is called again; undefined at the end. */
  readonly read: () => Promise<Buffer | undefined>;
  readonly close: () => Promise<void>;
}

const lineEnd = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cuts a stream of bytes into pages of whole lines; of a line that is too long nothing is kept. */
export async function* linePages(
  stream: ByteStream,
  reader: SourceReader,
  { maxLineBytes, readLine }: LineSettings,
): AsyncGenerator<Iterable<unknown>> {
  /** The beginning of a line whose end has not come yet, in pieces. */
  let rest: Buffer[] = [];
  let restBytes = 0;
  let isSkipping = false;
  let line = 0;
  /** The file's bytes before `rest`. */
  let byte = 0;
  let isFirst = true;
  const refusedPage = (raw: string): Iterable<unknown> => {
    const { cursor } = reader;
    const at = { line, byteOffset: byte };
    return {
      *[Symbol.iterator]() {
        cursor.line = at.line;
        cursor.byteOffset = at.byteOffset;
        cursor.offsets = undefined;
        yield tooLong(reader, maxLineBytes, raw);
      },
    };
  };
  try {
    for (;;) {
      let chunk = await stream.read();
      if (chunk === undefined || reader.signal.aborted) break;
      reader.cursor.bytesRead += chunk.length;
      if (isFirst) {
        isFirst = false;
        if (chunk.subarray(0, 3).equals(byteOrderMark)) {
          chunk = chunk.subarray(3);
          byte = 3;
        }
      }
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
        const whole = chunk.subarray(0, last + 1);
        const bytes = rest.length === 0 ? whole : Buffer.concat([...rest, whole]);
        const page = new LinePage(bytes, { byte, line, isCut: false }, reader, maxLineBytes, readLine);
        yield page;
        ({ line } = page);
        byte += bytes.length;
        rest = last + 1 < chunk.length ? [Buffer.from(chunk.subarray(last + 1))] : [];
        restBytes = chunk.length - last - 1;
      }
      if (restBytes > maxLineBytes) {
        line++;
        yield refusedPage((rest[0] ?? Buffer.alloc(0)).toString("latin1", 0, 200));
        byte += restBytes;
        rest = [];
        restBytes = 0;
        isSkipping = true;
      }
    }
    if (restBytes > 0 && !reader.signal.aborted) {
      yield new LinePage(Buffer.concat(rest), { byte, line, isCut: true }, reader, maxLineBytes, readLine);
    }
  } finally {
    await stream.close();
  }
}
