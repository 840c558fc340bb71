import { rawOf } from "../formats/raw.ts";
import type { LinePage, ReadLine } from "../jsonl/line-page.ts";
import type { SourceReader } from "../source.ts";

/** A line of text as a record. */
export interface TextLine {
  /** Counted from 1. */
  readonly line: number;
  /** Without what ends the line. */
  readonly text: string;
}

/** Makes of a line of text a record. One with a NUL is refused: what has some is hardly text, or not UTF-8. */
export function textReader(reader: SourceReader): ReadLine {
  return (line: string, page: LinePage) => {
    // Once a page: most hold nothing that has to be looked for a line at a time.
    page.note ??= page.text === undefined || page.text.includes("\0");
    const nulAt = page.note === true ? line.indexOf("\0") : -1;
    if (nulAt !== -1) {
      return reader.refuse({ message: "has a NUL byte", column: nulAt + 1, raw: rawOf(line) });
    }
    const end = line.endsWith("\r") ? line.length - 1 : line.length;
    const record: TextLine = { line: page.line, text: copyOf(line, end, page.isAscii) };
    return record;
  };
}

/** A text of its own: a part of a page would keep the whole of it in memory for as long as it is held. */
function copyOf(line: string, end: number, isAscii: boolean): string {
  const encoding = isAscii ? "latin1" : "utf16le";
  return Buffer.from(line.slice(0, end), encoding).toString(encoding);
}
