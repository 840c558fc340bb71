/** Where a row ends, or why that cannot be told. */
export type RowEnd =
  /** Before the line end, or at the end of the text. */
  | { readonly kind: "end"; readonly at: number }
  /** A quote cannot stand at the place. */
  | { readonly kind: "stray"; readonly at: number }
  /** What stands at the place cannot follow the quote that closes a field, which begins at `open`. */
  | { readonly kind: "after"; readonly at: number; readonly open: number }
  /** The text ends within a quoted field, which begins at the place. */
  | { readonly kind: "open"; readonly at: number };

const quoteCode = 0x22;
const lineEndCode = 0x0a;
const returnCode = 0x0d;

/** Finds a character again and again, without looking twice at what lies between. */
class Finder {
  private readonly text: string;
  private readonly char: string;
  /** From here on there is none before `at`. */
  private since = 0;
  private at = -1;

  constructor(text: string, char: string) {
    this.text = text;
    this.char = char;
  }

  /** The next at or after a place; the text's length when there is none. */
  next(from: number): number {
    if (from >= this.since && from <= this.at) return this.at;
    const found = this.text.indexOf(this.char, from);
    this.since = from;
    this.at = found === -1 ? this.text.length : found;
    return this.at;
  }
}

/**
 * Finds the ends of rows that have quotes (RFC 4180) in a text. Quotes stand around a field and, doubled, within a quoted
 * one.
 */
export class RowScanner {
  private readonly text: string;
  private readonly delimiterCode: number;
  private readonly delimiters: Finder;
  private readonly quotes: Finder;
  private readonly lineEnds: Finder;

  constructor(text: string, delimiter: string) {
    this.text = text;
    this.delimiterCode = delimiter.charCodeAt(0);
    this.delimiters = new Finder(text, delimiter);
    this.quotes = new Finder(text, '"');
    this.lineEnds = new Finder(text, "\n");
  }

  nextQuote(from: number): number {
    return this.quotes.next(from);
  }

  nextLineEnd(from: number): number {
    return this.lineEnds.next(from);
  }

  /** Where the row that begins at a place ends. */
  endOf(start: number): RowEnd {
    const { text } = this;
    let at = start;
    for (;;) {
      if (text.charCodeAt(at) !== quoteCode) {
        const lineEnd = this.nextLineEnd(at);
        const fieldEnd = Math.min(this.delimiters.next(at), lineEnd);
        const quote = this.nextQuote(at);
        if (quote < fieldEnd) return { kind: "stray", at: quote };
        if (fieldEnd === lineEnd) return { kind: "end", at: lineEnd };
        at = fieldEnd + 1;
        continue;
      }
      const close = this.closeOf(at);
      if (close === text.length) return { kind: "open", at };
      const after = text.charCodeAt(close + 1);
      if (close + 1 === text.length || after === lineEndCode) return { kind: "end", at: close + 1 };
      if (after === returnCode) {
        const end = close + 2;
        if (end === text.length || text.charCodeAt(end) === lineEndCode) return { kind: "end", at: end };
      }
      if (after !== this.delimiterCode) return { kind: "after", at: close + 1, open: at };
      at = close + 2;
    }
  }

  /** The quote that closes the field which begins with one; the text's length when none does. */
  private closeOf(open: number): number {
    const { text } = this;
    let at = this.nextQuote(open + 1);
    while (at < text.length && text.charCodeAt(at + 1) === quoteCode) at = this.nextQuote(at + 2);
    return at;
  }
}
