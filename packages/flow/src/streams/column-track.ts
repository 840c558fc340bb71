import { unitsOf } from "./units.ts";

const lineEnd = 0x0a;

/** How far into its line a moving place in a text is, without the text before it. */
export class ColumnTrack {
  private unitsBefore = 0;

  /** Moves over bytes. */
  skip(bytes: Buffer): void {
    this.unitsBefore = this.columnAfter(bytes) - 1;
  }

  /** The column of what follows these bytes, counted from 1 in UTF-16 units; they begin at the place. */
  columnAfter(bytes: Buffer): number {
    const last = bytes.lastIndexOf(lineEnd);
    return (last === -1 ? this.unitsBefore : 0) + unitsOf(bytes.subarray(last + 1)) + 1;
  }
}
