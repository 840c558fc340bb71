import type { DuckDBVector } from "@duckdb/node-api";
import { ColumnCells, type RowRange } from "./column-cells.ts";
import type { DuckDb } from "./load-duckdb.ts";

const twoTo32 = 0x1_0000_0000;

/** Numbers; whole ones may become others, and so they are all kept alike. */
export class NumberCells extends ColumnCells {
  private numbers = new Float64Array(0);

  override put(row: number, value: unknown): boolean {
    if (!(this.kind === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value))) return false;
    this.reach(row);
    // What is finite is a number.
    this.numbers[row] = value as number;
    return true;
  }

  override write(duck: DuckDb, vector: DuckDBVector, range: RowRange): void {
    const { numbers, kind } = this;
    const { from, count } = range;
    const these = numbers.subarray(from, from + count);
    const isWhole = kind === "integer";
    if (this.copy(duck, vector, isWhole ? asBigints(these) : these, range)) return;
    for (const [index, number] of these.entries()) {
      const isNull = this.isNull(from + index);
      vector.setItem(index, isNull ? null : isWhole ? BigInt(number) : number);
    }
    vector.flush();
  }

  protected override resize(capacity: number): void {
    super.resize(capacity);
    const numbers = new Float64Array(capacity);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }
}

/** Whole numbers as 64 bits, lower half first: the peer has binaries for machines alone where that is so. */
function asBigints(numbers: Float64Array): Float64Array {
  const bigints = new Float64Array(numbers.length);
  const halves = new Int32Array(bigints.buffer);
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? 0;
    halves[index * 2] = number;
    halves[index * 2 + 1] = Math.floor(number / twoTo32);
  }
  return bigints;
}
