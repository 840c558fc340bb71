import type { DuckDBDoubleVector, DuckDBVector } from "@duckdb/node-api";
import type { ColumnKind } from "./column-kind.ts";
import type { DuckDb } from "./load-duckdb.ts";

/** Room for as many rows at first. */
const firstCapacity = 128;
const allValid = 0xffff_ffff;

/** The rows of a chunk, and how many they are; the first is a multiple of 64. */
export interface RowRange {
  readonly from: number;
  readonly count: number;
}

/**
 * What one column has in rows that are not written yet, nearly as DuckDB keeps it. A value is put where it is to be as soon as it
 * comes: kept as it is, it would be moved about in memory several times.
 */
export abstract class ColumnCells {
  kind: ColumnKind;
  protected capacity = 0;
  /** Of all rows before it is said what they have. */
  private end = 0;
  /** A bit a row, which is set where there is a value. */
  private validity = new Uint32Array(0);
  private hasNulls = false;

  constructor(kind: ColumnKind) {
    this.kind = kind;
  }

  /** Puts a value into a row that comes after all others; false, and nothing, where it is not one of the kind as it is. */
  abstract put(row: number, value: unknown): boolean;

  /** Takes back what has been put into the last row. */
  takeBack(row: number): void {
    if (this.end > row) this.end = row;
  }

  /** All rows are there: those into which nothing has been put have null. */
  finish(rows: number): void {
    if (rows > this.capacity) this.grow(rows);
    if (this.end < rows) this.setNull(this.end, rows);
    this.end = rows;
  }

  clear(): void {
    this.end = 0;
    if (this.hasNulls) this.validity.fill(allValid);
    this.hasNulls = false;
  }

  /** Copies finished rows into a vector of DuckDB's. */
  abstract write(duck: DuckDb, vector: DuckDBVector, range: RowRange): void;

  /** Makes room for a value in a row. */
  protected reach(row: number): void {
    if (row >= this.capacity) this.grow(row + 1);
    if (this.end < row) this.setNull(this.end, row);
    this.end = row + 1;
  }

  /** Has room for as many rows. */
  protected resize(capacity: number): void {
    const validity = new Uint32Array(capacity / 32).fill(allValid);
    validity.set(this.validity);
    this.validity = validity;
    this.capacity = capacity;
  }

  protected isNull(row: number): boolean {
    return this.hasNulls && (((this.validity[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 0;
  }

  /**
   * Copies memory that has what DuckDB has of the rows; false where the peer is not as it was. A vector of numbers is what has the
   * peer copy memory as it is.
   */
  protected copy(
    duck: DuckDb,
    vector: DuckDBVector,
    memory: Float64Array,
    { from, count }: RowRange,
  ): boolean {
    const { validity, vector: target } = vector as Insides;
    const isKnown =
      typeof target === "object" && target !== null && validity?.offset === 0 && validity.data !== undefined;
    if (!isKnown) return false;
    const words = Math.ceil(count / 64);
    validity.data = this.hasNulls ? new BigUint64Array(this.validity.buffer, from / 8, words) : null;
    type Arguments = ConstructorParameters<typeof DuckDBDoubleVector>;
    // Of any vector they are the same.
    const [known, place] = [validity as unknown, target] as [Arguments[1], Arguments[2]];
    new duck.DuckDBDoubleVector(memory, known, place).flush();
    return true;
  }

  private grow(rows: number): void {
    let capacity = Math.max(firstCapacity, this.capacity);
    while (capacity < rows) capacity *= 2;
    this.resize(capacity);
  }

  private setNull(from: number, to: number): void {
    this.hasNulls = true;
    for (let row = from; row < to; row++) {
      const word = row >>> 5;
      this.validity[word] = (this.validity[word] ?? 0) & ~(1 << (row & 31));
    }
  }
}

/** What the peer's vectors have beside their public methods, if they still have it. */
interface Insides {
  readonly validity?: { data?: unknown; readonly offset?: unknown };
  /** Where DuckDB has it. */
  readonly vector?: unknown;
}
