import { maxDepth } from "./parse-json.ts";

/** Why no further element can be found. */
export interface ScanFault {
  readonly message: string;
  readonly hint: string;
  /** The bytes of the document before the one that cannot stand there. */
  readonly at: number;
  /** Counted from 1. */
  readonly line: number;
}

/** What a byte may be the beginning or the end of, outside of strings. */
const plain = 0;
const newline = 1;
const quote = 2;
const open = 3;
const close = 4;
const comma = 5;
const kinds = new Uint8Array(256);
for (const [chars, kind] of [
  ["\n", newline],
  ['"', quote],
  ["[{", open],
  ["]}", close],
  [",", comma],
] as const) {
  for (const char of chars) kinds[char.charCodeAt(0)] = kind;
}
const quoteMark = 0x22;
const backslash = 0x5c;
const closeBracket = 0x5d;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const lineEnd = 0x0a;

/** What the bytes before have led to. */
type State =
  /** Nothing yet. */
  | "start"
  /** The array has begun. */
  | "first"
  /** An element has to follow. */
  | "next"
  | "element"
  /** The document is over. */
  | "end";

/**
 * Finds the elements of a JSON array (RFC 8259) in a document that comes in pieces, and keeps nothing of it. What an
 * element holds is not looked at, only where it ends: outside of strings, at the comma or bracket that closes no bracket of its own.
 * A document that is no array is one element.
 */
export class ArrayScanner {
  /** Of the elements that ended in the last piece: the document's bytes before their first, and before what follows. */
  readonly starts: number[] = [];
  /** The same as its start where an element is missing. */
  readonly ends: number[] = [];
  /** The lines on which they begin. */
  readonly lines: number[] = [];
  /** Why nothing more is found. */
  fault: ScanFault | undefined = undefined;
  /** The document's bytes before the element that has begun and not ended; −1 when there is none. */
  elementStart = -1;
  elementLine = 0;
  /** How many elements have ended. */
  count = 0;
  isArray = false;
  private state: State = "start";
  private inString = false;
  private isEscaped = false;
  private depth = 0;
  /** What closes the brackets that are open; of those deeper than any record may be only the number is kept. */
  private readonly closers = new Uint8Array(maxDepth + 1);
  private line = 1;
  private offset: number;

  /** @param offset the bytes of the document before the first piece */
  constructor(offset: number) {
    this.offset = offset;
  }

  /** Looks at the next piece. */
  scan(bytes: Uint8Array): void {
    this.starts.length = 0;
    this.ends.length = 0;
    this.lines.length = 0;
    const { length } = bytes;
    const { offset } = this;
    for (let at = 0; at < length; at++) {
      // In range, here and below.
      let byte = bytes[at] as number;
      if (this.isEscaped) {
        this.isEscaped = false;
        if (byte === lineEnd) this.line++;
        continue;
      }
      if (this.inString) {
        // Most of a document is inside of strings.
        while (byte !== quoteMark && byte !== backslash && byte !== lineEnd && ++at < length) {
          byte = bytes[at] as number;
        }
        if (at === length) break;
        if (byte === quoteMark) this.inString = false;
        else if (byte === backslash) this.isEscaped = true;
        else this.line++;
        continue;
      }
      if (this.state === "element") {
        while (kinds[byte] === plain && ++at < length) byte = bytes[at] as number;
        if (at === length) break;
      }
      const kind = kinds[byte] as number;
      if (kind === newline) this.line++;
      else if (this.state === "element") this.inElement(byte, kind, offset + at);
      else this.between(byte, kind, offset + at);
      if (this.fault !== undefined) return;
    }
    this.offset = offset + length;
  }

  /** Nothing more comes. */
  finish(): void {
    this.starts.length = 0;
    this.ends.length = 0;
    this.lines.length = 0;
    const { offset } = this;
    if (this.state === "start") {
      this.stop("is empty", offset, 'An array of no records is "[]".');
    } else if (this.isArray && this.state !== "end") {
      const where =
        this.state === "element"
          ? `in element [${this.count}], which begins in line ${this.elementLine}`
          : `after ${this.count} elements`;
      this.stop(`the array is cut: it ends ${where}`, offset, "Get the whole file again.");
    } else if (this.state === "element") this.end(offset);
  }

  private inElement(byte: number, kind: number, at: number): void {
    if (kind === quote) this.inString = true;
    else if (kind === open) this.push(byte);
    else if (kind === close) {
      if (this.depth === 0) {
        // What is no array has nothing that it could close: the value as a whole is wrong, and told so.
        if (!this.isArray) return;
        if (byte === closeBracket) {
          this.end(at);
          this.state = "end";
        } else this.stopAt(byte, at);
        return;
      }
      this.depth--;
      if (this.depth < this.closers.length && this.closers[this.depth] !== byte) this.stopAt(byte, at);
      else if (this.depth === 0 && !this.isArray) {
        this.end(at + 1);
        this.state = "end";
      }
    } else if (kind === comma && this.depth === 0 && this.isArray) {
      this.end(at);
      this.state = "next";
    }
  }

  /** Before the document's value, between elements or after the end. */
  private between(byte: number, kind: number, at: number): void {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d) return;
    if (this.state === "end") {
      const message = `not JSON: unexpected ${show(byte)} after the end of the ${this.isArray ? "array" : "value"}`;
      this.stop(message, at, 'A JSON value a line is another format: "jsonl".');
    } else if (this.state === "start") {
      if (byte === openBracket) {
        this.isArray = true;
        this.state = "first";
      } else this.begin(byte, kind, at);
    } else if (kind === comma || byte === closeBracket) {
      if (kind === comma || this.state === "next") {
        this.elementStart = at;
        this.elementLine = this.line;
        this.end(at);
      }
      this.state = kind === comma ? "next" : "end";
    } else if (byte === closeBrace) this.stopAt(byte, at);
    else this.begin(byte, kind, at);
  }

  private begin(byte: number, kind: number, at: number): void {
    this.state = "element";
    this.elementStart = at;
    this.elementLine = this.line;
    this.depth = 0;
    if (kind === quote) this.inString = true;
    else if (kind === open) this.push(byte);
  }

  private push(byte: number): void {
    if (this.depth < this.closers.length) {
      this.closers[this.depth] = byte === openBracket ? closeBracket : closeBrace;
    }
    this.depth++;
  }

  private end(at: number): void {
    this.starts.push(this.elementStart);
    this.ends.push(at);
    this.lines.push(this.elementLine);
    this.elementStart = -1;
    this.count++;
  }

  private stopAt(byte: number, at: number): void {
    const where = this.elementStart === -1 ? "" : ` in element [${this.count}]`;
    const message = `not JSON: unexpected ${show(byte)}${where}`;
    this.stop(`${message}; where the next element begins cannot be told`, at, "Correct the file there.");
  }

  private stop(message: string, at: number, hint: string): void {
    this.fault = { message, hint, at, line: this.line };
  }
}

function show(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? JSON.stringify(String.fromCharCode(byte)) : `byte ${byte}`;
}
