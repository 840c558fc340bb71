import { unreadable } from "../unreadable.ts";
import type { ByteStream } from "./byte-stream.ts";

/** Bytes of UTF-8 text, without the byte order mark that may stand before it. */
export interface TextStream extends Pick<ByteStream, "read"> {
  /** How many bytes were left out before the first that `read` gives. */
  readonly startByte: number;
}

const utf8Mark = Buffer.from([0xef, 0xbb, 0xbf]);
/** How other things than UTF-8 begin, what they are, and what to do. */
const strangers: readonly (readonly [beginning: Buffer, what: string, hint: string])[] = [
  [Buffer.from([0xff, 0xfe]), "UTF-16 text", "Convert it to UTF-8: iconv -f UTF-16 -t UTF-8"],
  [Buffer.from([0xfe, 0xff]), "UTF-16 text", "Convert it to UTF-8: iconv -f UTF-16 -t UTF-8"],
  [Buffer.from([0x1f, 0x8b]), "gzip data", 'Say compression: "gzip", or let its name end in .gz.'],
  [Buffer.from("PK\u0003\u0004", "latin1"), "a zip archive", "Unpack it first."],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), "zstd data", "Unpack it first."],
];
const beginnings = [utf8Mark, ...strangers.map(([beginning]) => beginning)];

/**
 * Looks at how bytes begin.
 *
 * @param name what the bytes are of, for messages
 * @throws AtomicError `VALIDATION_INPUT` for what is no UTF-8, as far as its first bytes tell
 */
export async function openText(stream: Pick<ByteStream, "read">, name: string): Promise<TextStream> {
  let first = await stream.read();
  let isOver = first === undefined;
  // What comes in small pieces is waited for only while it may be the beginning of one of these.
  while (first !== undefined && !isOver && (mayBegin(first) || mayBeUtf16(first))) {
    // The bytes of one read hold only until the next.
    const before: Buffer = Buffer.from(first);
    const more = await stream.read();
    if (more === undefined) isOver = true;
    first = more === undefined ? before : Buffer.concat([before, more]);
  }
  for (const [beginning, what, hint] of strangers) {
    if (first?.subarray(0, beginning.length).equals(beginning) === true) {
      throw unreadable({ file: name }, `is ${what}, not UTF-8`, hint);
    }
  }
  const utf16 = first === undefined ? undefined : utf16Of(first);
  if (utf16 !== undefined) {
    const hint = `Convert it to UTF-8: iconv -f ${utf16} -t UTF-8`;
    throw unreadable({ file: name }, "looks like UTF-16 text, not UTF-8: every other byte is NUL", hint);
  }
  const startByte = first?.subarray(0, utf8Mark.length).equals(utf8Mark) === true ? utf8Mark.length : 0;
  return {
    startByte,
    read: async () => {
      const bytes = first;
      first = undefined;
      if (bytes !== undefined) return bytes.subarray(startByte);
      return isOver ? undefined : stream.read();
    },
  };
}

function mayBegin(bytes: Buffer): boolean {
  return beginnings.some(
    (beginning) => bytes.length < beginning.length && beginning.subarray(0, bytes.length).equals(bytes),
  );
}

/** How many bytes tell UTF-16 without a mark: two characters of the Latin alphabet. */
const utf16Bytes = 4;

function mayBeUtf16(bytes: Buffer): boolean {
  return bytes.length < 2 || (bytes.length < utf16Bytes && bytes.subarray(0, 2).includes(0));
}

/** Which UTF-16 bytes without a mark look like; text in UTF-8 has no NUL. */
function utf16Of(bytes: Buffer): "UTF-16LE" | "UTF-16BE" | undefined {
  if (bytes.length < utf16Bytes) return undefined;
  const [first, second, third, fourth] = bytes;
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "UTF-16LE";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "UTF-16BE" : undefined;
}
