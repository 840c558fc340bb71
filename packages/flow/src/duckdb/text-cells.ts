import type { DuckDBVector } from "@duckdb/node-api";
import { ColumnCells, type RowRange } from "./column-cells.ts";
import { cellOf, type ColumnKind } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";
import { Unfit } from "./to-json.ts";

/** What DuckDB keeps of a text: its length, then the text itself if it has no more bytes than this. */
const wordsPerText = 4;
const inPlaceBytes = 12;
const maxAscii = 0x7f;

/** How much text there is in rows that are not written yet. */
export interface TextSize {
  chars: number;
}

/** Texts, among them those of JSON; short ones are kept as DuckDB keeps them. */
export class TextCells extends ColumnCells {
  private readonly size: TextSize;
  private words = new Uint32Array(0);
  /** Those that are not short, by their rows. */
  private readonly otherRows: number[] = [];
  private readonly others: string[] = [];
  /** How many of them are written. */
  private written = 0;

  constructor(kind: ColumnKind, size: TextSize) {
    super(kind);
    this.size = size;
  }

  override put(row: number, value: unknown): boolean {
    const text = this.kind === "json" ? jsonOrNot(value) : value;
    if (typeof text !== "string") return false;
    if (!this.putShort(row, text)) {
      if (!text.isWellFormed()) return false;
      this.putWords(row, 0, 0, 0, 0);
      this.otherRows.push(row);
      this.others.push(text);
    }
    this.size.chars += text.length;
    return true;
  }

  override takeBack(row: number): void {
    super.takeBack(row);
    if (this.otherRows.at(-1) !== row) return;
    this.otherRows.pop();
    this.others.pop();
  }

  override clear(): void {
    super.clear();
    this.otherRows.length = 0;
    this.others.length = 0;
    this.written = 0;
  }

  override write(duck: DuckDb, vector: DuckDBVector, range: RowRange): void {
    const { from, count } = range;
    const memory = new Float64Array(
      this.words.buffer,
      from * wordsPerText * Uint32Array.BYTES_PER_ELEMENT,
      (count * wordsPerText * Uint32Array.BYTES_PER_ELEMENT) / Float64Array.BYTES_PER_ELEMENT,
    );
    const isCopied = this.copy(duck, vector, memory, range);
    if (!isCopied) {
      for (let row = 0; row < count; row++) {
        vector.setItem(row, this.isNull(from + row) ? null : this.shortAt(from + row));
      }
    }
    const before = this.written;
    for (;;) {
      const row = this.otherRows[this.written];
      if (row === undefined || row >= from + count) break;
      vector.setItem(row - from, this.others[this.written] ?? null);
      this.written++;
    }
    // After the copy: it writes what is longer beside.
    if (!isCopied || this.written > before) vector.flush();
  }

  protected override resize(capacity: number): void {
    super.resize(capacity);
    const words = new Uint32Array(capacity * wordsPerText);
    words.set(this.words);
    this.words = words;
  }

  /** Puts a text in place; false, and nothing, for one that is too long or no ASCII. */
  private putShort(row: number, text: string): boolean {
    const { length } = text;
    if (length > inPlaceBytes) return false;
    let all = 0;
    let first = 0;
    let second = 0;
    let third = 0;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      all |= code;
      // Shifted by what is left of it beyond 32 bits.
      const bits = code << (index * 8);
      if (index < 4) first |= bits;
      else if (index < 8) second |= bits;
      else third |= bits;
    }
    if (all > maxAscii) return false;
    this.putWords(row, length, first, second, third);
    return true;
  }

  private putWords(row: number, length: number, first: number, second: number, third: number): void {
    this.reach(row);
    const { words } = this;
    const at = row * wordsPerText;
    words[at] = length;
    words[at + 1] = first;
    words[at + 2] = second;
    words[at + 3] = third;
  }

  private shortAt(row: number): string {
    const { words } = this;
    const start = row * wordsPerText;
    const bytes = Buffer.from(words.buffer, (start + 1) * Uint32Array.BYTES_PER_ELEMENT, inPlaceBytes);
    return bytes.toString("latin1", 0, words[start]);
  }
}

function jsonOrNot(value: unknown): unknown {
  try {
    return cellOf("json", value);
  } catch (thrown) {
    if (thrown instanceof Unfit) return undefined;
    throw thrown;
  }
}
