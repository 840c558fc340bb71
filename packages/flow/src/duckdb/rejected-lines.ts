import { isUtf8 } from "node:buffer";
import type { AnySchema } from "@atomic-agents/contracts";
import { rawOf, rawOfBytes } from "../formats/raw.ts";
import { FileStream } from "../files/file-stream.ts";
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
  /** Whether a last line without a line end, which is no JSON, is among those that were numbered. */
  readonly hasCut: () => Promise<boolean>;
}

const lineEnd = 0x0a;
const mark = Buffer.from("\uFEFF");

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
  const stream = await FileStream.open(path, size);
  try {
    /** The beginning of a line whose end has not come yet. */
    let rest = Buffer.alloc(0);
    let line = 0;
    let byte = 0;
    let at = 0;
    let lines: LookedAt[] = [];
    const see = async (bytes: Buffer, from: number, end: number, isLast: boolean): Promise<void> => {
      const isWanted = found.count === wanted[at];
      if (isWanted) at++;
      const place = { number: found.count, line, byteOffset: byte + from };
      const looked = { ...place, ...lookAt(bytes.subarray(from, end), byte + from === 0, isLast) };
      if (isWanted || (looked.refused !== undefined && !(await found.hasCut()))) lines.push(looked);
    };
    for (;;) {
      const chunk = await stream.read();
      if (signal.aborted) return;
      if (chunk === undefined) break;
      let from = 0;
      let end = chunk.indexOf(lineEnd);
      if (rest.length > 0 && end >= 0) {
        const first = Buffer.concat([rest, chunk.subarray(0, end)]);
        line++;
        if (!isBlank(first, 0, first.length)) {
          found.count++;
          if (found.count === wanted[at]) {
            byte -= rest.length;
            await see(first, 0, first.length, false);
            byte += rest.length;
          }
        }
        rest = Buffer.alloc(0);
        from = end + 1;
        end = chunk.indexOf(lineEnd, from);
      }
      for (; end >= 0; end = chunk.indexOf(lineEnd, from)) {
        line++;
        // Nearly every line begins with something to see.
        if ((chunk[from] as number) > 0x20 || !isBlank(chunk, from, end)) {
          found.count++;
          if (found.count === wanted[at]) await see(chunk, from, end, false);
        }
        from = end + 1;
      }
      // The stream's memory is used again.
      if (from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(from)]);
      byte += chunk.length;
      if (lines.length > 0) {
        yield lines;
        lines = [];
      }
    }
    if (!isBlank(rest, 0, rest.length)) {
      line++;
      found.count++;
      byte -= rest.length;
      await see(rest, 0, rest.length, true);
      if (lines.length > 0) yield lines;
    }
  } finally {
    await stream.close();
  }
}

function lookAt(bytes: Buffer, isFirst: boolean, isLast: boolean): Pick<LookedAt, "value" | "refused"> {
  if (!isUtf8(bytes)) {
    const { message, column } = utf8Fault(bytes);
    return { refused: { message, column, raw: rawOfBytes(bytes) } };
  }
  const isMarked = isFirst && bytes.subarray(0, mark.length).equals(mark);
  const text = bytes.subarray(isMarked ? mark.length : 0).toString("utf8");
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

/** Whether a schema takes a value. */
export async function takes(schema: AnySchema, value: unknown): Promise<boolean> {
  const checked = schema["~standard"].validate(value);
  return (checked instanceof Promise ? await checked : checked).issues === undefined;
}
