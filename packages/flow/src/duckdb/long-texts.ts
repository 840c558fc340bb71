import type { DuckDBBlobVector } from "@duckdb/node-api";
import type { DuckDb } from "./load-duckdb.ts";

const wordsPerText = 4;
const bytesPerText = 16;
/** DuckDB keeps texts of no more bytes in the column itself. */
const inPlaceBytes = 12;
const maxTakenBytes = 1_048_576;
const none: Buffer = Buffer.alloc(0);

/**
 * The texts of a column that are not in place. DuckDB mostly has those of a column one behind the other, and whatever is so comes
 * in one call, which costs several times what it costs to cut a text out of it.
 */
export class LongTexts {
  private readonly duck: DuckDb;
  private readonly words: Int32Array;
  private readonly isThere: (row: number) => boolean;
  /** What was taken last, and where DuckDB has it. */
  private taken: Buffer = none;
  private address = 0;

  /**
   * @param words what the column has of each text: its length and where it is
   * @param isThere whether a row has a text
   */
  constructor(duck: DuckDb, words: Int32Array, isThere: (row: number) => boolean) {
    this.duck = duck;
    this.words = words;
    this.isThere = isThere;
  }

  /** The text of a row that has one which is not in place; undefined where the peer is not as it was. */
  textAt(row: number): string | undefined {
    const address = this.addressOf(row);
    const length = this.lengthOf(row);
    if (!this.hasTaken(address, length)) this.take(row);
    if (!this.hasTaken(address, length)) return undefined;
    const start = address - this.address;
    return this.taken.toString("utf8", start, start + length);
  }

  private hasTaken(address: number, length: number): boolean {
    return address >= this.address && address + length <= this.address + this.taken.length;
  }

  /** Takes what is one behind the other, from a row on. */
  private take(row: number): void {
    const address = this.addressOf(row);
    let length = this.lengthOf(row);
    for (let next = row + 1; next < this.words.length / wordsPerText; next++) {
      const more = this.lengthOf(next);
      if (more <= inPlaceBytes || !this.isThere(next)) continue;
      if (this.addressOf(next) !== address + length || length + more > maxTakenBytes) break;
      length += more;
    }
    const bytes = this.bytesAt(row, length);
    this.taken = bytes?.length === length ? bytes : none;
    this.address = address;
  }

  private bytesAt(row: number, length: number): Buffer | undefined {
    const { words } = this;
    // One text that has all the others.
    const place = new DataView(new ArrayBuffer(bytesPerText));
    place.setUint32(0, length, true);
    place.setInt32(8, words[row * wordsPerText + 2] ?? 0, true);
    place.setInt32(12, words[row * wordsPerText + 3] ?? 0, true);
    type Arguments = ConstructorParameters<typeof DuckDBBlobVector>;
    // It asks for no more than that of a value which is there.
    const [validity, nowhere] = [{ itemValid: () => true }, null] as unknown as [Arguments[1], Arguments[2]];
    const value = new this.duck.DuckDBBlobVector(place, validity, nowhere, 0, 1).getItem(0);
    return value === null
      ? undefined
      : Buffer.from(value.bytes.buffer, value.bytes.byteOffset, value.bytes.length);
  }

  private lengthOf(row: number): number {
    return (this.words[row * wordsPerText] ?? 0) >>> 0;
  }

  /** No memory is as large as what a number holds exactly. */
  private addressOf(row: number): number {
    const low = this.words[row * wordsPerText + 2] ?? 0;
    const high = this.words[row * wordsPerText + 3] ?? 0;
    return (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
  }
}
