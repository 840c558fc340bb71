import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { rawOf, rawOfBytes } from "../formats/raw.ts";
import { JsonProblem, mayHoldProto, parseJson } from "../json/parse-json.ts";
import type { RefusedRecord, SourceReader } from "../source.ts";
import { utf8Fault } from "../streams/utf8-fault.ts";

/** A line that has been looked at again. */
export interface LookedAt {
  /** Among lines with anything to see. */
  readonly number: number;
  readonly line: number;
  readonly byteOffset: number;
  readonly value?: unknown;
  readonly refused?: RefusedRecord | undefined;
}

/** What has been found in a file. */
export interface FoundLines {
  /** Lines with anything to see, of those that were read. */
  count: number;
  /** How long it was. */
  bytes: number;
  /** Whether a last line without a line end, which is no JSON, is among those that were numbered. */
  readonly hasCut: () => Promise<boolean>;
}

const lineEnd = 0x0a;
/** As many lines, or bytes of such, are given at a time: each time costs as much as some lines. */
const pageLines = 1024;
const pageBytes = 1_048_576;
/** So much of a file is read at a time: each time costs, and nothing else is done meanwhile. */
const maxChunkBytes = 1_048_576;
const minChunkBytes = 4_096;
const mark = Buffer.from("\uFEFF");

/** Where a line is in a chunk of its file. */
interface Place {
  /** Lines with anything to see. */
  count: number;
  line: number;
  from: number;
  end: number;
}

/**
 * The lines of a file that have these numbers, which count lines with anything to see, in order. Lines are cut where DuckDB cuts
 * them; of the others nothing is made.
 *
 * @param wanted numbers from 1, in order
 */
export async function* rejectedLines(
  path: string,
  size: number | undefined,
  wanted: readonly number[],
  found: FoundLines,
  { signal }: SourceReader,
): AsyncGenerator<readonly LookedAt[]> {
  const handle = await open(path, "r");
  const buffer = Buffer.allocUnsafeSlow(
    Math.min(maxChunkBytes, Math.max(minChunkBytes, size ?? maxChunkBytes)),
  );
  try {
    /** The beginning of a line whose end has not come yet. */
    let rest = Buffer.alloc(0);
    const place: Place = { count: 0, line: 0, from: 0, end: 0 };
    let byte = 0;
    /** DuckDB passes over it, and a line of it alone is one without anything to see. */
    let markBytes = 0;
    let at = 0;
    let lines: LookedAt[] = [];
    let lineBytes = 0;
    const see = async (bytes: Buffer, from: number, end: number, isLast: boolean): Promise<void> => {
      const { count, line } = place;
      const isWanted = count === wanted[at];
      if (isWanted) at++;
      // Whoever asks whether there is a last line that is cut asks after all of them.
      found.count = count;
      const looked = {
        number: count,
        line,
        byteOffset: byte + from === markBytes ? 0 : byte + from,
        ...lookAt(bytes.subarray(from, end), isLast),
      };
      if (!isWanted && (looked.refused === undefined || (await found.hasCut()))) return;
      lines.push(looked);
      lineBytes += end - from;
    };
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (signal.aborted) return;
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      if (byte === 0 && chunk.subarray(0, mark.length).equals(mark)) markBytes = mark.length;
      place.from = byte === 0 ? markBytes : 0;
      const first = rest.length === 0 ? -1 : chunk.indexOf(lineEnd);
      if (first >= 0) {
        const whole = Buffer.concat([rest, chunk.subarray(0, first)]);
        place.line++;
        if (!isBlank(whole, 0, whole.length)) {
          place.count++;
          if (place.count === wanted[at]) {
            byte -= rest.length;
            await see(whole, 0, whole.length, false);
            byte += rest.length;
          }
        }
        rest = Buffer.alloc(0);
        place.from = first + 1;
      }
      if (first >= 0 || rest.length === 0) {
        while (findLine(chunk, place, wanted[at])) {
          await see(chunk, place.from, place.end, false);
          place.from = place.end + 1;
        }
      }
      // The buffer is used again.
      if (place.from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(place.from)]);
      byte += chunk.length;
      found.bytes = byte;
      found.count = place.count;
      if (lines.length >= pageLines || lineBytes >= pageBytes) {
        yield lines;
        lines = [];
        lineBytes = 0;
      }
    }
    if (!isBlank(rest, 0, rest.length)) {
      place.line++;
      place.count++;
      byte -= rest.length;
      await see(rest, 0, rest.length, true);
    }
    found.count = place.count;
    if (lines.length > 0) yield lines;
  } finally {
    await handle.close();
  }
}

/**
 * Passes over the lines that end in a chunk, up to the one with a number; false when no more end in it. In a function of its own
 * it is compiled after a few calls.
 */
function findLine(chunk: Buffer, place: Place, wanted: number | undefined): boolean {
  let { from, line, count } = place;
  let isFound = false;
  let end = chunk.indexOf(lineEnd, from);
  for (; end >= 0; end = chunk.indexOf(lineEnd, from)) {
    line++;
    // Nearly every line begins with something to see.
    if ((chunk[from] as number) > 0x20 || !isBlank(chunk, from, end)) {
      count++;
      if (count === wanted) {
        isFound = true;
        break;
      }
    }
    from = end + 1;
  }
  place.from = from;
  place.end = end;
  place.line = line;
  place.count = count;
  return isFound;
}

function lookAt(bytes: Buffer, isLast: boolean): Pick<LookedAt, "value" | "refused"> {
  if (!isUtf8(bytes)) {
    const { message, column } = utf8Fault(bytes);
    return { refused: { message, column, raw: rawOfBytes(bytes) } };
  }
  const text = bytes.toString("utf8");
  const value = parseJson(text, mayHoldProto(text));
  if (!(value instanceof JsonProblem)) return { value };
  const { at, isCut } = value;
  const message = isCut && isLast ? `${value.message}, and the file ends without a line end` : value.message;
  return {
    refused: { message, column: at === undefined ? undefined : at + 1, raw: rawOf(text) },
  };
}

/** As DuckDB sees it. */
function isBlank(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return false;
  }
  return true;
}
